import fc from 'fast-check'
import { expect, test, vi, describe } from 'vitest'
import { ByteSet } from '../core/bytes.ts'
import type { HeldChunk } from '../store/runs.ts'
import { findReusable, type Stretch, reuseChunks } from './reuse.ts'
import { createHasher } from '../codec/hasher.ts'
import type { ChunkRow } from '../codec/chunk-record.ts'
import type { Block } from '../reconstruction/record-store.ts'
import { ChunkVerifier } from './chunk-verifier.ts'
import { MemoryStore } from './testing/MemoryStore.ts'

describe('planReuse', () => {
  const lengths = [10, 20, 30, 40, 50]
  const run = { xorb: 'x', chunks: { start: 3, end: 8 }, offset: 1000, length: 150 }
  const own = { start: 0, end: 5000 }

  const start = (index: number): number =>
    lengths.slice(0, index).reduce((sum, length) => sum + length, 0)

  /** Chunks of the run on the device, contiguous by default. */
  function chunks(
    places: readonly (readonly [index: number, content: string, offset?: number])[],
  ): Map<number, HeldChunk> {
    return new Map(
      places.map(([index, content, offset = start(index)]) => [
        3 + index,
        {
          content,
          chunk: 3 + index,
          offset,
          length: lengths[index]!,
          hash: new Uint8Array(32).fill(index),
        },
      ]),
    )
  }

  function described(stretches: readonly Stretch[]): string[] {
    return stretches.map(
      ({ content, source, chunk, offset, rows }) =>
        `${content}[${source.start},${source.end}) → ${offset}, chunks ${chunk}+${rows.length}`,
    )
  }

  test.each<[string, Parameters<typeof chunks>[0], string[], string[]]>([
    ['nothing here', [], [], []],
    [
      'all chunks in one file',
      [0, 1, 2, 3, 4].map((index) => [index, 'a']),
      ['a[0,150) → 1000, chunks 3+5'],
      [],
    ],
    [
      'its beginning',
      [
        [0, 'a'],
        [1, 'a'],
      ],
      ['a[0,30) → 1000, chunks 3+2'],
      [],
    ],
    [
      'its end',
      [
        [3, 'a'],
        [4, 'a'],
      ],
      [],
      ['a[60,150) → 1060, chunks 6+2'],
    ],
    [
      'both ends',
      [
        [0, 'a'],
        [4, 'a'],
      ],
      ['a[0,10) → 1000, chunks 3+1'],
      ['a[100,150) → 1100, chunks 7+1'],
    ],
    ['only the middle, whose offset is unknown', [[2, 'a']], [], []],
    [
      'in two files',
      [
        [0, 'a'],
        [1, 'b'],
        [2, 'b'],
      ],
      ['a[0,10) → 1000, chunks 3+1', 'b[10,60) → 1010, chunks 4+2'],
      [],
    ],
    [
      'scattered in one file',
      [
        [0, 'a', 500],
        [1, 'a', 100],
      ],
      ['a[500,510) → 1000, chunks 3+1', 'a[100,120) → 1010, chunks 4+1'],
      [],
    ],
    [
      'the end, from two files: the most certain first',
      [
        [2, 'a'],
        [3, 'b'],
        [4, 'b'],
      ],
      [],
      ['b[60,150) → 1060, chunks 6+2', 'a[30,60) → 1030, chunks 5+1'],
    ],
  ])('%s', (_, here, front, back) => {
    const plan = findReusable(run, own, chunks(here), new ByteSet(), 1000)
    expect(described(plan.front)).toEqual(front)
    expect(described(plan.back)).toEqual(back)
  })

  test('copied ranges are limited, except for a longer chunk', () => {
    const all = chunks(lengths.map((_, index) => [index, 'a']))
    const plan = findReusable(run, own, all, new ByteSet(), 45)
    expect(plan.front.map(({ rows }) => rows.map(({ length }) => length))).toEqual([
      [10, 20],
      [30],
      [40],
      [50],
    ])
  })

  test('committed chunks are not copied, and later offsets stay known', () => {
    const all = chunks(lengths.map((_, index) => [index, 'a']))
    const held = new ByteSet([{ start: 1010, end: 1060 }])
    expect(described(findReusable(run, own, all, held, 1000).front)).toEqual([
      'a[0,10) → 1000, chunks 3+1',
      'a[60,150) → 1060, chunks 6+2',
    ])
  })

  test('chunks that begin in an adjacent range are left to it', () => {
    const all = chunks(lengths.map((_, index) => [index, 'a']))
    const plan = findReusable(run, { start: 1005, end: 1060 }, all, new ByteSet(), 1000)
    expect(described(plan.front)).toEqual(['a[10,60) → 1010, chunks 4+2'])
  })

  test('impossible lengths never lead outside of the run or to overlaps', () => {
    const index = fc.integer({ min: 3, max: 7 })
    const chunk = fc.record({ index, length: fc.integer({ min: 1, max: 120 }), at: fc.nat(500) })
    fc.assert(
      fc.property(fc.array(chunk), fc.integer({ min: 1, max: 200 }), (list, most) => {
        const map = new Map<number, HeldChunk>(
          list.map(({ index, length, at }) => [
            index,
            { content: 'a', chunk: index, offset: at, length, hash: new Uint8Array(32) },
          ]),
        )
        const { front, back } = findReusable(run, own, map, new ByteSet(), most)
        const places = [...front, ...back.toReversed()]
        let end = run.offset
        for (const { offset, source } of places) {
          expect(offset).toBeGreaterThanOrEqual(end)
          end = offset + source.end - source.start
        }
        expect(end).toBeLessThanOrEqual(run.offset + run.length)
      }),
    )
  })
})

describe('reuseChunks', async () => {
  const hasher = await createHasher()
  const mebi = 2 ** 20
  const length = 100_000
  const count = 120
  const bytes = new Uint8Array(count * length).map((_, at) => (at * 7) ^ (at >> 11))
  const rows: ChunkRow[] = Array.from({ length: count }, (_, index) => ({
    length,
    hash: hasher.chunk(bytes.subarray(index * length, (index + 1) * length)),
  }))

  /** A device with some chunks of the xorb in another file. */
  async function device(from: number, to: number): Promise<MemoryStore> {
    const store = new MemoryStore(hasher)
    const file = await store.begin('other', bytes.length)
    await file.write(from * length, bytes.subarray(from * length, to * length))
    const run = { xorb: 'x', chunk: from, offset: from * length, rows: rows.slice(from, to) }
    await file.commit(run)
    await file.close()
    return store
  }

  const block: Block = {
    range: { start: 0, end: bytes.length },
    runs: [{ xorb: 'x', chunks: { start: 0, end: count }, offset: 0, length: bytes.length }],
    descriptors: [],
    fetchedAt: 0,
    deadline: null,
    skew: 0,
    generation: 1,
  }

  async function reuse(
    store: MemoryStore,
    signal?: AbortSignal,
  ): Promise<{ copied: number; verifier: ChunkVerifier }> {
    const verifier = new ChunkVerifier(bytes.length, hasher)
    const file = await store.begin('new', bytes.length)
    const tools = { store: store.asStore, hasher, ...(signal && { signal }) }
    const copied = await reuseChunks(block, verifier, file, tools)
    const { held } = store.files.get('new')!
    expect(held.ranges).toEqual(verifier.held.ranges)
    expect(held.size).toBe(copied)
    return { copied, verifier }
  }

  test('a whole run is copied correctly in parts of a few MiB', async () => {
    const store = await device(0, count)
    const peek = vi.spyOn(store, 'peek')
    const { copied, verifier } = await reuse(store)
    expect(copied).toBe(bytes.length)
    expect(Buffer.compare(store.files.get('new')!.bytes, bytes)).toBe(0)
    expect(verifier.held.covers(block.range)).toBe(true)
    const reads = peek.mock.calls.map(([, { start, end }]) => end - start)
    expect(Math.max(...reads)).toBeLessThanOrEqual(4 * mebi)
    expect(reads.length).toBeLessThanOrEqual(3)
  })

  test.each([
    ['its beginning', 0, 50],
    ['its end', 70, count],
  ])('%s is copied to its offset', async (_, from, to) => {
    const store = await device(from, to)
    const { copied, verifier } = await reuse(store)
    expect(copied).toBe((to - from) * length)
    expect(verifier.held.ranges).toEqual([{ start: from * length, end: to * length }])
    const stretch = store.files.get('new')!.bytes.subarray(from * length, to * length)
    expect(Buffer.compare(stretch, bytes.subarray(from * length, to * length))).toBe(0)
  })

  test('the middle has no known offset, and another xorb is not a source', async () => {
    expect((await reuse(await device(50, 70))).copied).toBe(0)
    expect((await reuse(new MemoryStore(hasher))).copied).toBe(0)
  })

  test('from a damaged chunk on, the rest is left to the network', async () => {
    const store = await device(0, count)
    store.files.get('other')!.bytes[60 * length]! ^= 1
    const { copied, verifier } = await reuse(store)
    expect(copied).toBeGreaterThan(0)
    expect(copied).toBeLessThan(60 * length)
    expect(verifier.held.ranges[0]?.start).toBe(0)
  })

  test('bytes that were evicted between plan and copy cause no error', async () => {
    const store = await device(0, count)
    store.peek = async () => undefined
    expect((await reuse(store)).copied).toBe(0)
  })

  test('an abort ends it between two reads', async () => {
    const store = await device(0, count)
    const abort = new AbortController()
    const peek = store.peek.bind(store)
    store.peek = (...args) => {
      abort.abort(new Error('enough'))
      return peek(...args)
    }
    await expect(reuse(store, abort.signal)).rejects.toThrow('enough')
  })
})
