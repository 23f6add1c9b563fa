import fc from 'fast-check'
import { expect, test, describe, vi } from 'vitest'
import { netOf } from '../net/testing/netOf.ts'
import { createHasher } from '../codec/hasher.ts'
import type { FileInfo } from '../data/index.ts'
import { ByteSet } from '../core/bytes.ts'
import { type Block, memoryRecordStore, type Run } from '../reconstruction/record-store.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import { MemoryStore } from './testing/MemoryStore.ts'
import { changedSince, CallsAhead, plainBlocks, shareXorb, splitSpan } from './blocks.ts'
import { fetchPiece } from './fetch-piece.ts'

const hasher = await createHasher()
const file = { size: 2000, etag: '"v1"' }

test.each([
  ['the same', 206, { etag: '"v1"', 'content-range': 'bytes 0-9/2000' }, false],
  ['nothing stated', 206, {}, false],
  ['an unknown length', 206, { 'content-range': 'bytes 0-9/*' }, false],
  ['another length', 206, { 'content-range': 'bytes 0-9/2001' }, true],
  ['another tag', 206, { etag: '"v2"', 'content-range': 'bytes 0-9/2000' }, true],
  ['marked as weak', 206, { etag: 'W/"v1"' }, false],
  ['marked as compressed', 206, { etag: '"v1-gzip"' }, false],
  ["the hub's own tag first", 206, { etag: '"storage"', 'x-linked-etag': '"v1"' }, false],
  ['the whole file, and longer', 200, { 'content-length': '2001' }, true],
  [
    'the whole file, compressed',
    200,
    { 'content-length': '900', 'content-encoding': 'gzip' },
    false,
  ],
  ['the whole file, unchanged', 200, { 'content-length': '2000', etag: '"v1"' }, false],
] as const)('%s', (_, status, headers, changed) => {
  const response = new Response(null, { status, headers })
  expect(changedSince(file, response) !== undefined).toBe(changed)
})

test('a range of another version is detected', async () => {
  const info: FileInfo = {
    ...file,
    url: 'https://files.example/x.bin',
    content: 'etag:1',
    ranges: true,
    fetchedAt: 0,
  }
  const answer = (etag: string): Promise<number | undefined> => {
    const blocks = plainBlocks(info, undefined)
    const headers = { etag, 'content-range': 'bytes 0-9/2000' }
    const net = netOf({
      fetch: async () => new Response(new Uint8Array(10), { status: 206, headers }),
    })
    return fetchPiece(net, {
      url: info.url,
      bytes: { start: 0, end: 10 },
      headers: {},
      decoder: blocks.decoder(hasher),
      check: (response) => blocks.check(response),
      signal: new AbortController().signal,
      take: async () => undefined,
      arrived: () => undefined,
    })
  }
  expect(await answer('"v1"')).toBe(2000)
  await expect(answer('"v2"')).rejects.toMatchObject({ code: 'integrity', retryable: true })
})

describe('plainBlocks', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  const info: FileInfo = { url, size: 20_000_000, content: 'etag:x', fetchedAt: 0, ranges: true }

  const mebi = 2 ** 20

  test('are split into pieces when the server supports ranges', async () => {
    const blocks = plainBlocks(info, 'Bearer hf_x')
    const block = await blocks.open({ start: mebi, end: info.size }, {})
    expect(block.descriptors.map(({ bytes }) => [bytes.start / mebi, bytes.end])).toEqual([
      [1, 9 * mebi],
      [9, 17 * mebi],
      [17, info.size],
    ])
    expect(block.runs.map(({ offset, chunks }) => [offset / mebi, chunks])).toEqual([
      [1, { start: 1, end: 9 }],
      [9, { start: 9, end: 17 }],
      [17, { start: 17, end: 20 }],
    ])
    expect(blocks.headers({ start: 5, end: 9 })).toEqual({
      authorization: 'Bearer hf_x',
      range: 'bytes=5-8',
    })
    expect(blocks.usable(block, Date.now())).toBe(true)
  })

  test('request the whole file at once when it does not', async () => {
    const blocks = plainBlocks({ ...info, ranges: false }, undefined)
    const block = await blocks.open({ start: 5, end: 9 }, {})
    expect(block.range).toEqual({ start: 0, end: info.size })
    expect(block.descriptors).toHaveLength(1)
    expect(blocks.headers({ start: 0, end: info.size })).toEqual({})
    expect(blocks.splits).toBe(false)
  })
})

describe('the first block of a file, asked before its load', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  const xetHash = 'f'.repeat(64)
  const tokenUrl = 'https://hub.example/token'
  const size = 64 * 2 ** 20
  const info: FileInfo = { url, size, content: `xet:${xetHash}`, xetHash, tokenUrl, fetchedAt: 0 }

  /** Credentials of the requests for read tokens; the hub never answers. */
  function place(): {
    asked: (string | null)[]
    tools: ConstructorParameters<typeof CallsAhead>[0]
  } {
    const asked: (string | null)[] = []
    const net = netOf({
      fetch: (_, init) => {
        asked.push(new Headers(init?.headers).get('authorization'))
        return new Promise(() => undefined)
      },
    })
    const reconstructions = new Reconstructions({ net, store: memoryRecordStore() })
    return { asked, tools: { reconstructions, store: new MemoryStore(hasher).asStore } }
  }

  test('is taken over only by a load with the same credential', async () => {
    const { asked, tools } = place()
    const blocks = new CallsAhead(tools)
    blocks.ask(info, 'Bearer one')
    await vi.waitFor(() => expect(asked).toEqual(['Bearer one']))
    blocks.take(info, { authorization: 'Bearer two' })
    await vi.waitFor(() => expect(asked).toEqual(['Bearer one', 'Bearer two']))
    blocks.take(info, { authorization: 'Bearer one' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toHaveLength(2)
  })

  test('is not asked of a CAS that this realm does not use for the file any more', async () => {
    const { asked, tools } = place()
    tools.reconstructions.distrusted.add(info.content)
    const blocks = new CallsAhead(tools)
    blocks.ask(info, 'Bearer one')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toEqual([])
  })
})

describe('the xorb that a reader waits for', () => {
  const mebi = 2 ** 20
  const run = (xorb: string, start: number, length: number): Run => ({
    xorb,
    chunks: { start: 0, end: 100 },
    offset: start * mebi,
    length: length * mebi,
  })
  const block = {
    range: { start: 0, end: 128 * mebi },
    runs: [run('a', 0, 64), run('b', 64, 60), run('c', 124, 4)],
    descriptors: [64, 60, 4].map((length, index) => ({
      xorb: 'abc'[index]!,
      chunks: { start: 0, end: 100 },
      bytes: { start: 0, end: length * mebi },
      url: 'https://storage.example/x',
    })),
    fetchedAt: 0,
    deadline: null,
    skew: 0,
    generation: 1,
  }
  const narrow = [0, 16, 32, 48, 64, 80, 96, 112].map((start) => ({
    start: start * mebi,
    end: (start + 16) * mebi,
  }))
  const at = (position: number): { start: number; end: number } => ({
    start: position * mebi,
    end: position * mebi + 1,
  })
  const sizes = (parts: readonly { start: number; end: number }[] | undefined) =>
    parts?.map(({ start, end }) => (end - start) / mebi)

  test('is divided among all connections; other parts stay as they are', () => {
    expect(sizes(shareXorb(block, narrow, at(70), 6))).toEqual([
      16, 16, 16, 16, 10, 10, 10, 10, 10, 10, 4,
    ])
    expect(sizes(shareXorb(block, undefined, at(70), 6))).toEqual([64, 10, 10, 10, 10, 10, 10, 4])
  })

  test('stays whole if it is small, if no reader waits, or if the reader begins at the start', () => {
    expect(shareXorb(block, narrow, at(125), 6)).toBe(narrow)
    expect(shareXorb(block, narrow, undefined, 6)).toBe(narrow)
    expect(shareXorb(block, narrow, at(70), 4)).toBe(narrow)
    expect(shareXorb(block, undefined, at(0), 6)).toBe(undefined)
  })

  test.each([1, 2, 6, 7])('nothing is lost or doubled, with %i connections', (connections) => {
    for (const position of [0, 1, 63, 64, 100, 123])
      for (const range of [block.range, { start: 10 * mebi, end: 100 * mebi }]) {
        const parts = shareXorb({ ...block, range }, [range], at(position), connections)!
        expect(parts[0]?.start).toBe(range.start)
        expect(parts.at(-1)?.end).toBe(range.end)
        for (const [index, part] of parts.slice(1).entries())
          expect(part.start).toBe(parts[index]!.end)
      }
  })
})

describe('splitSpan', () => {
  type Pair = readonly [start: number, end: number]
  const toRange = ([start, end]: Pair): { start: number; end: number } => ({ start, end })

  /** One block of a million bytes in runs with the given ends. */
  function blockOf([start, end]: Pair, ends: readonly number[]): Block {
    let offset = start
    return {
      range: { start, end },
      runs: ends.map((to, index) => {
        const run = {
          xorb: 'x',
          chunks: { start: index, end: index + 1 },
          offset,
          length: to - offset,
        }
        offset = to
        return run
      }),
      descriptors: [],
      fetchedAt: 0,
      deadline: null,
      skew: 0,
      generation: 1,
    }
  }

  const million = 1_000_000

  test.each<[string, Pair[], Pair[] | undefined, Pair[] | undefined]>([
    ['nothing here', [], undefined, undefined],
    ['a complete run committed', [[0, 500_000]], undefined, undefined],
    ['all here', [[0, million]], undefined, undefined],
    ['a run committed in part', [[0, 300_000]], undefined, [[300_000, million]]],
    [
      'a gap inside of a run',
      [
        [0, 600_000],
        [700_000, million],
      ],
      undefined,
      [[600_000, 700_000]],
    ],
    ['only the chunk at the boundary committed', [[0, 100_000]], undefined, undefined],
    [
      'worth narrowing',
      [],
      [
        [0, 400_000],
        [400_000, million],
      ],
      [
        [0, 400_000],
        [400_000, million],
      ],
    ],
    [
      'narrowed around committed bytes',
      [[300_000, 500_000]],
      [
        [0, 400_000],
        [400_000, million],
      ],
      [
        [0, 300_000],
        [500_000, million],
      ],
    ],
    ['narrowed to itself', [], [[0, million]], undefined],
  ])('%s', (_, held, narrow, expected) => {
    const block = blockOf([0, million], [500_000, million])
    const set = new ByteSet(held.map(toRange))
    expect(splitSpan(block, set, narrow?.map(toRange))).toEqual(expected?.map(toRange))
  })

  test('splitting terminates: the results are smaller than the block, and not committed', () => {
    const edge = fc.integer({ min: 0, max: million })
    const pair = fc.tuple(edge, edge).map(([a, b]): Pair => [Math.min(a, b), Math.max(a, b)])
    fc.assert(
      fc.property(fc.array(pair), (held) => {
        const block = blockOf([0, million], [250_000, 600_000, million + 5000])
        const set = new ByteSet(held.map(toRange))
        const parts = splitSpan(block, set, undefined)
        if (parts === undefined) return
        const missing = set.missing(block.range)
        expect(parts).toEqual(missing)
        expect(missing.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(million)
      }),
    )
  })
})
