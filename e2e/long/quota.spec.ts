import { expect } from '@playwright/test'
import type { Stage } from '../stage/Stage.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { ageFiles } from './stage/ageFiles.ts'
import { test } from './stage/test.ts'

const MB = 1_000_000

test('too little space: the least recently used file is evicted, a pinned one stays', async ({
  diskStage,
}) => {
  const { rec, mixed, wide } = diskStage.files
  await diskStage.connect()
  for (const file of [rec, mixed])
    expect(await diskStage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  const contents = await contentsBySize(diskStage)
  await diskStage.page.evaluate(
    (url) => (window as unknown as StageWindow).ferry.pin(url),
    diskStage.url(rec),
  )
  await diskStage.page.evaluate(ageFiles)
  // Space for two files and the browser's own needs, but not for three.
  await allow(diskStage, rec.size + wide.size + 12 * MB)

  const { headers, sha256 } = await diskStage.fetch(wide)
  expect({ sha256, label: headers['x-modelferry'] }).toEqual({
    sha256: wide.sha256,
    label: 'stream',
  })
  expect(await diskStage.events('evicted')).toEqual([{ content: contents.get(mixed.size) }])
  expect(await diskStage.events('fault')).toEqual([])
  expect([...(await contentsBySize(diskStage)).keys()].toSorted((a, b) => a - b)).toEqual([
    rec.size,
    wide.size,
  ])
  expect((await diskStage.held()).find(({ size }) => size === rec.size)?.pinned).toBe(true)
  diskStage.traffic.clear()
  for (const file of [rec, wide]) {
    const again = await diskStage.fetch(file)
    expect(again).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(again.headers['x-modelferry']).toBe('hit')
  }
  expect(diskStage.traffic.all).toEqual([])
})

test('too little space for the file: the page gets its bytes, and nothing is stored', async ({
  diskStage,
}) => {
  const { rec, wide } = diskStage.files
  await diskStage.connect()
  expect(await diskStage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  await diskStage.page.evaluate(ageFiles)
  await allow(diskStage, 24 * MB)

  const got = await diskStage.fetch(wide)
  expect(got).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(got.headers['x-modelferry']).toBe('unkept')
  expect(await diskStage.events('fault')).toMatchObject([{ code: 'quota' }])
  // No file is evicted when that would not have helped.
  expect(await diskStage.events('evicted')).toEqual([])
  expect([...(await contentsBySize(diskStage)).keys()]).toEqual([rec.size])

  await allow(diskStage, 200 * MB)
  const later = await diskStage.fetch(wide)
  expect(later).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(later.headers['x-modelferry']).toBe('stream')
  const held = (await diskStage.held()).find(({ size }) => size === wide.size)
  expect(held).toMatchObject({ complete: true, verified: 'xet' })
})

test('space runs out during a download: the body is still complete', async ({ diskStage }) => {
  const { wide } = diskStage.files
  await diskStage.connect({ retry: { delayMs: 50 } })
  const stall = { do: 'stall', after: 500_000, ms: 4000 } as const
  diskStage.hub.hub.configure({ descriptorBytes: 2 * MB })
  diskStage.hub.hub.faults.add({ kind: 'xorb', nth: 8, times: 12, action: stall })
  const running = diskStage.fetch(wide)
  await diskStage.until(wide, 8 * MB)
  await allow(diskStage, 10 * MB)
  expect(await running).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(diskStage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.2)

  diskStage.hub.hub.faults.clear()
  expect(await diskStage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  await allow(diskStage, 200 * MB)
  expect(await diskStage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  await expect.poll(() => diskStage.held()).toMatchObject([{ complete: true, verified: 'xet' }])
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
