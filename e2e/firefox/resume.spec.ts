import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('a reload at half: only the pieces in flight are asked for again', async ({ stage }) => {
  const { wide } = stage.files
  const { faults } = stage.hub.hub
  await stage.board()
  // Requests of a worker that was ended go on to their end here, and hold their connections until then.
  const slow = { do: 'stall', after: 500_000, ms: 3000 } as const
  faults.add({ kind: 'xorb', nth: 12, times: null, action: slow })
  await stage.prefetch(wide)
  await stage.until(wide, wide.size / 2)
  await expect.poll(() => stage.traffic.of('xorb').filter(({ done }) => !done)).toHaveLength(6)
  const before = stage.traffic.of('xorb')
  const whole = before.filter(({ done }) => done)
  expect(whole.length).toBeGreaterThan(8)
  faults.clear()
  await stage.reload()
  expect(await stage.held()).toMatchObject([{ complete: false }])

  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  const after = stage.traffic.of('xorb').slice(before.length)
  expect(after.length).toBeGreaterThan(0)
  expect(after.filter((each) => whole.some((other) => samePiece(each, other)))).toEqual([])
  expect(await stage.held()).toMatchObject([{ complete: true, verified: 'xet' }])
})

test('requests of before a pause hold their connections: those after it wait, and are made once', async ({
  stage,
}) => {
  const { wide } = stage.files
  const { faults } = stage.hub.hub
  await stage.board({ retry: { firstByteMs: 1500 } })
  const slow = { do: 'stall', after: 500_000, ms: 6000 } as const
  faults.add({ kind: 'xorb', times: null, action: slow })
  await stage.prefetch(wide)
  await expect.poll(() => stage.traffic.of('xorb')).toHaveLength(6)
  await stage.pause()
  faults.clear()
  await stage.resume()
  const pieces = new Set(stage.traffic.of('xorb').map(({ range }) => range)).size
  expect(stage.traffic.of('xorb').length).toBeLessThanOrEqual(pieces + 6)
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
})

function samePiece(one: LogEntry, other: LogEntry): boolean {
  return one.path === other.path && one.range === other.range
}
