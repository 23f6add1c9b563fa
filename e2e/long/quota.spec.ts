import { expect } from '@playwright/test'
import type { Stage } from '../stage/Stage.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { ageFiles } from './stage/ageFiles.ts'
import { test } from './stage/test.ts'

const MB = 1_000_000

test('too little space: the least recently used file is evicted, a pinned one stays', async ({
  docked,
}) => {
  const { rec, mixed, wide } = docked.files
  await docked.board()
  for (const file of [rec, mixed])
    expect(await docked.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  const contents = await contentsBySize(docked)
  await docked.page.evaluate(
    (url) => (window as unknown as StageWindow).ferry.pin(url),
    docked.url(rec),
  )
  await docked.page.evaluate(ageFiles)
  // Space for two files and the browser's own needs, but not for three.
  await allow(docked, rec.size + wide.size + 12 * MB)

  const { headers, sha256 } = await docked.fetch(wide)
  expect({ sha256, label: headers['x-modelferry'] }).toEqual({
    sha256: wide.sha256,
    label: 'stream',
  })
  expect(await docked.events('evicted')).toEqual([{ content: contents.get(mixed.size) }])
  expect(await docked.events('fault')).toEqual([])
  expect([...(await contentsBySize(docked)).keys()].toSorted((a, b) => a - b)).toEqual([
    rec.size,
    wide.size,
  ])
  expect((await docked.held()).find(({ size }) => size === rec.size)?.pinned).toBe(true)
  docked.traffic.clear()
  for (const file of [rec, wide]) {
    const again = await docked.fetch(file)
    expect(again).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(again.headers['x-modelferry']).toBe('hit')
  }
  expect(docked.traffic.all).toEqual([])
})

test('too little space for the file: the page gets its bytes, and nothing is stored', async ({
  docked,
}) => {
  const { rec, wide } = docked.files
  await docked.board()
  expect(await docked.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  await docked.page.evaluate(ageFiles)
  await allow(docked, 24 * MB)

  const got = await docked.fetch(wide)
  expect(got).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(got.headers['x-modelferry']).toBe('unkept')
  expect(await docked.events('fault')).toMatchObject([{ code: 'quota' }])
  // No file is evicted when that would not have helped.
  expect(await docked.events('evicted')).toEqual([])
  expect([...(await contentsBySize(docked)).keys()]).toEqual([rec.size])

  await allow(docked, 200 * MB)
  const later = await docked.fetch(wide)
  expect(later).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(later.headers['x-modelferry']).toBe('stream')
  const held = (await docked.held()).find(({ size }) => size === wide.size)
  expect(held).toMatchObject({ complete: true, verified: 'xet' })
})

test('space runs out during a download: the body is still complete', async ({ docked }) => {
  const { wide } = docked.files
  await docked.board({ retry: { delayMs: 50 } })
  const stall = { do: 'stall', after: 500_000, ms: 4000 } as const
  docked.hub.hub.configure({ descriptorBytes: 2 * MB })
  docked.hub.hub.faults.add({ kind: 'xorb', nth: 8, times: 12, action: stall })
  const running = docked.fetch(wide)
  await docked.until(wide, 8 * MB)
  await allow(docked, 10 * MB)
  expect(await running).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(docked.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.2)

  docked.hub.hub.faults.clear()
  expect(await docked.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  await allow(docked, 200 * MB)
  expect(await docked.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  await expect.poll(() => docked.held()).toMatchObject([{ complete: true, verified: 'xet' }])
})

async function allow(stage: Stage, bytes: number): Promise<void> {
  const session = await stage.context.newCDPSession(stage.page)
  await session.send('Storage.overrideQuotaForOrigin', {
    origin: new URL(stage.site.url).origin,
    quotaSize: bytes,
  })
}

/** Contents of complete files. */
async function contentsBySize(stage: Stage): Promise<Map<number, string>> {
  const complete = (await stage.held()).filter((file) => file.complete)
  return new Map(complete.map(({ size, content }) => [size, content]))
}
