import { expect } from '@playwright/test'
import type { FaultAction } from 'modelferry/hub'
import { fileBytes } from './stage/fileBytes.ts'
import { onlyLong } from './stage/onlyLong.ts'
import { sha256 } from './stage/sha256.ts'
import { test } from './stage/test.ts'

const kinds: Record<string, FaultAction> = {
  'a flipped bit in an uncompressed chunk': { do: 'flip', scheme: 0 },
  'a flipped bit in an LZ4 chunk': { do: 'flip', scheme: 1 },
  'a flipped bit in a grouped chunk': { do: 'flip', scheme: 2 },
  'a flipped bit in a chunk header': { do: 'flip', at: 2 },
  'two swapped chunks': { do: 'swap', first: 3, second: 5 },
  'a short body': { do: 'short', after: 1_000_000 },
}

for (const [what, action] of Object.entries(kinds))
  test(
    `${what} is repaired by fetching that piece again`,
    onlyLong(what === 'a flipped bit in an LZ4 chunk'),
    async ({ stage }) => {
      const { mixed } = stage.files
      const { faults } = stage.hub.hub
      faults.add({ kind: 'xorb', action })
      await stage.connect()
      expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
      expect(faults.rules).toEqual([])
      expect(stage.traffic.of('xorb')).toHaveLength(2)
      await expect.poll(() => stage.held()).toMatchObject([{ complete: true, verified: 'xet' }])
      expect(await stage.events('fault')).toEqual([])
    },
  )

test.describe('in several pieces', () => {
  // Each of them with chunks of every scheme.
  test.use({ hubOptions: { descriptorBytes: 1_500_000 } })

  test('damage in one of them costs its xorb at most once more', async ({ stage }) => {
    const { mixed } = stage.files
    const { faults } = stage.hub.hub
    faults.add({ kind: 'xorb', nth: 2, action: { do: 'flip', scheme: 0 } })
    // A xorb can be verified only with its last piece; until then none of its bytes may be delivered.
    faults.add({ kind: 'xorb', nth: 3, action: { do: 'delay', ms: 500 } })
    await stage.connect()
    expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
    const ranges = stage.traffic.of('xorb').map(({ range }) => range)
    expect(ranges.length).toBeGreaterThan(new Set(ranges).size)
    expect(ranges.length).toBeLessThanOrEqual(2 * new Set(ranges).size)
  })
})

test('damage in one of several xorbs costs the others nothing', async ({ stage }) => {
  const { large } = stage.files
  const { faults } = stage.hub.hub
  // Far from the edges of any piece: a chunk at an edge may arrive again, undamaged, with the next piece.
  faults.add({ kind: 'xorb', nth: 4, action: { do: 'flip', at: 5_000_000 } })
  await stage.connect()
  expect(await stage.fetch(large)).toMatchObject({ status: 200, sha256: large.sha256 })
  expect(faults.rules).toEqual([])
  // A repair requests other ranges than the first time, so bytes are counted: times that each xorb was fetched.
  const times = new Map<string, number>()
  const xorbs = stage.traffic.of('xorb')
  for (const { path } of xorbs) {
    const same = xorbs.filter((other) => other.path === path)
    const length = Math.max(...same.map(({ range }) => Number(range?.match(/\d+$/)?.[0]) + 1))
    times.set(path, same.reduce((sum, { bytes }) => sum + bytes, 0) / length)
  }
  const [once, healed, ...more] = [...times.values()].toSorted((x, y) => x - y)
  expect(once).toBeCloseTo(1, 1)
  expect(healed).toBeGreaterThan(1.1)
  expect(healed).toBeLessThan(2.1)
  expect(more).toEqual([])
})

test('after a cut connection only the rest is fetched', async ({ stage }) => {
  const { mixed } = stage.files
  stage.hub.hub.faults.add({ kind: 'xorb', action: { do: 'cut', after: 3_000_000 } })
  await stage.connect()
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  const [first, second, ...more] = stage.traffic.of('xorb')
  expect(more).toEqual([])
  expect(first?.range).toMatch(/^bytes=0-/)
  // Bytes in flight are lost with the connection: on a busy machine most of what the hub has sent.
  expect(Number(second?.range?.match(/\d+/)?.[0])).toBeGreaterThan(300_000)
})

test('a stalled connection is replaced by another one', async ({ stage }) => {
  const { mixed } = stage.files
  const action = { do: 'stall', after: 2_000_000, ms: 60_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', action })
  await stage.connect({ retry: { stallMs: 700 } })
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  expect(stage.traffic.of('xorb')).toHaveLength(2)
})

test('permanent damage: the body fails, no wrong byte is delivered or stored', async ({
  stage,
}) => {
  const { mixed } = stage.files
  const { faults } = stage.hub.hub
  faults.add({ kind: 'xorb', times: null, action: { do: 'flip', scheme: 0 } })
  // The file's own URL, the fallback, is damaged as well.
  faults.add({ kind: 'lfs', times: null, action: { do: 'flip', at: 1000 } })
  await stage.connect({ retry: { delayMs: 50 } })
  const failed = await stage.fetch(mixed)
  expect(failed.status).toBe(200)
  expect(failed.failure).toBeDefined()
  const bytes = await fileBytes.mixed()
  expect(failed.sha256).toBe(sha256(bytes.subarray(0, failed.size)))
  expect(failed.size).toBeLessThan(mixed.size)
  // Reported when the file's own URL is tried, and when that fails as well.
  const fault = { code: 'integrity', url: stage.url(mixed) }
  expect(await stage.events('fault')).toMatchObject([fault, fault])
  expect((await stage.held()).filter(({ held }) => held > 0)).toEqual([])

  faults.clear()
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
})
