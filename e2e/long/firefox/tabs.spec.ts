import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import { expectOneTransfer } from '../../stage/expectOneTransfer.ts'
import { test } from '../../firefox/stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

/** In Firefox requests of a closed tab run to their end, and hold their connections until then. */
const stall = { do: 'stall', after: 500_000, ms: 3000 } as const

test('two tabs that request the same file at once: one transfer, and both get it', async ({
  stage,
}) => {
  await expectOneTransfer(stage, stage.files.rec)
})

for (const by of ['page', 'ferry'] as const)
  test(`the tab that fetches by ${by} is closed during the download: the other one continues it`, async ({
    stage,
  }) => {
    const { wide } = stage.files
    await stage.connect()
    stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
    const first = stage.fetch(wide, { by }).catch(() => undefined)
    await stage.until(wide, wide.size / 2)
    // While the first tab is alone, its loader fetches the file.
    const other = await stage.tab()
    const second = other.fetch(wide, { by })
    const whole = new Set(stage.traffic.of('xorb').filter(isDone).map(piece))
    expect(whole.size).toBeGreaterThan(3)
    const before = stage.traffic.of('xorb').length
    stage.hub.hub.faults.clear()
    await stage.page.close()
    await first

    expect(await second).toMatchObject({ status: 200, sha256: wide.sha256 })
    const asked = stage.traffic.of('xorb').slice(before).map(piece)
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((each) => whole.has(each))).toEqual([])
    // Only the requests in flight are repeated.
    expect(stage.traffic.repeated().length).toBeLessThanOrEqual(6)
    expect(new Set(asked).size).toBe(asked.length)
  })

test('the only tab is closed during a download: the next one continues it', async ({ stage }) => {
  const { wide } = stage.files
  await stage.connect()
  // The browser ends with its last page.
  const other = await stage.tab()
  await other.page.goto('about:blank')
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
  const first = stage.fetch(wide).catch(() => undefined)
  await stage.until(wide, wide.size / 2)
  const whole = new Set(stage.traffic.of('xorb').filter(isDone).map(piece))
  const before = stage.traffic.of('xorb').length
  await stage.page.close()
  await first
  stage.hub.hub.faults.clear()

  await other.connect()
  expect(await other.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  const asked = stage.traffic.of('xorb').slice(before).map(piece)
  expect(asked.filter((each) => whole.has(each))).toEqual([])
  expect(stage.traffic.repeated().length).toBeLessThanOrEqual(6)
  await expect.poll(() => other.held()).toMatchObject([{ complete: true, verified: 'xet' }])
})

function isDone({ done }: LogEntry): boolean {
  return done
}

function piece({ path, range }: LogEntry): string {
  return `${path} ${range}`
}
