import { expect } from '@playwright/test'
import type { LogEntry, RunningHub } from 'modelferry/hub'
import { startHub } from 'modelferry/hub'
import type { Fetched } from '../stage/Fetched.ts'
import type { Library } from '../stage/Library.ts'
import type { Stage } from '../stage/Stage.ts'
import { Traffic } from '../stage/Traffic.ts'
import { note } from './stage/note.ts'
import { test } from './stage/test.ts'

const tunnelMs = 20_000
const hubOptions = { descriptorBytes: 2_000_000 }
test.use({ hubOptions })

for (const by of ['page', 'ferry'] as const) {
  test(`20 s offline during a download, fetched by ${by}: the same response continues`, async ({
    stage,
    library,
  }) => {
    const { wide } = stage.files
    await stage.connect()
    stall(stage)
    const answer = stage.fetch(wide, { by })
    const before = await untilHalf(stage)

    await stage.context.setOffline(true)
    await stage.hub.close()
    await stage.page.waitForTimeout(tunnelMs)
    expect(await stage.held()).toMatchObject([{ complete: false }])
    const again = await reopen(stage.hub, library)
    try {
      const traffic = new Traffic(again.hub.log)
      await stage.context.setOffline(false)
      const back = Date.now()
      expect(outcome(await answer)).toEqual({ status: 200, sha256: wide.sha256 })
      // Waiting for the network uses up no attempts, and ends as soon as it is back.
      expect(Date.now() - back).toBeLessThan(15_000)
      expectNothingTwice(traffic, before)
      expect(await stage.events('fault')).toEqual([])
    } finally {
      await again.close()
    }
  })

  test(`20 s without a hub during a download, fetched by ${by}: the same response continues`, async ({
    stage,
    library,
  }) => {
    const { wide } = stage.files
    // The device is online: connections are refused and retried.
    await stage.connect()
    stall(stage)
    const answer = stage.fetch(wide, { by })
    const before = await untilHalf(stage)

    await stage.hub.close()
    await stage.page.waitForTimeout(tunnelMs)
    expect(await stage.held()).toMatchObject([{ complete: false }])
    const again = await reopen(stage.hub, library)
    try {
      const traffic = new Traffic(again.hub.log)
      expect(outcome(await answer)).toEqual({ status: 200, sha256: wide.sha256 })
      expectNothingTwice(traffic, before)
      expect(await stage.events('fault')).toEqual([])
    } finally {
      await again.close()
    }
  })
}

test('5 minutes offline during a download, with default options: the page gets a waiting event, and then the rest', async ({
  stage,
  library,
}) => {
  const { wide } = stage.files
  await stage.connect()
  stall(stage)
  const answer = stage.fetch(wide)
  await untilHalf(stage)

  await stage.hub.close()
  await stage.page.waitForTimeout(300_000)
  expect(await stage.events('waiting')).not.toEqual([])
  const again = await reopen(stage.hub, library)
  try {
    const traffic = new Traffic(again.hub.log)
    expect(outcome(await answer)).toEqual({ status: 200, sha256: wide.sha256 })
    // Storage and the file's own URL are tried in turn; more than half of the file was stored.
    const fetched = traffic.bytes('xorb') + traffic.bytes('lfs')
    note('fetched after it', `${fetched} of ${wide.size}`)
    expect(fetched).toBeLessThan(wide.size * 0.7)
    expect(await stage.events('fault')).toEqual([])
  } finally {
    await again.close()
  }
})

/** Compared as one value, so that a wrong hash is printed with the failure that explains it. */
function outcome({ status, sha256, failure }: Fetched): Partial<Fetched> {
  return { status, sha256, ...(failure !== undefined && { failure }) }
}

/** After half of the file has arrived, every further request stays open. */
function stall(stage: Stage): void {
  const action = { do: 'stall', after: 500_000, ms: 60_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action })
}

/** @returns requests that were answered completely */
async function untilHalf(stage: Stage): Promise<readonly LogEntry[]> {
  const { files, traffic } = stage
  await stage.until(files.wide, files.wide.size / 2)
  const of = (whole: boolean): readonly LogEntry[] =>
    traffic.of('xorb').filter(({ done }) => done === whole)
  // On a slow machine, requests that do not stall may be under way for long.
  await expect.poll(() => of(true).length).toBeGreaterThan(8)
  await expect.poll(() => of(false).length).toBe(6)
  return of(true)
}

/** Starts the hub again at its previous URLs. */
async function reopen({ url, storageUrl }: RunningHub, { folder }: Library): Promise<RunningHub> {
  const [port, storagePort] = [url, storageUrl].map((each) => Number(new URL(each).port))
  return await startHub({
    open: true,
    ...hubOptions,
    folder,
    port: port!,
    storagePort: storagePort!,
  })
}

function expectNothingTwice(traffic: Traffic, before: readonly LogEntry[]): void {
  const whole = new Set(before.map(key))
  const after = traffic.of('xorb').map(key)
  expect(after.length).toBeGreaterThan(0)
  expect(after.filter((each) => whole.has(each))).toEqual([])
  expect(traffic.repeated()).toEqual([])
}

function key({ path, range }: LogEntry): string {
  return `${path} ${range}`
}
