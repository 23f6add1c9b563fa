import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ByteRange, ByteSet } from '../core/bytes.ts'
import type { Block, Run } from '../reconstruction/record-store.ts'
import { openRelief } from './blocks.ts'
import {
  divide,
  Dividing,
  type Divisible,
  narrowBlocks,
  Relief,
  shareXorb,
  splitSpan,
  Underway,
} from './division.ts'
import { firstBlocks, maxBlock } from './plan.ts'

describe('firstBlocks and narrowBlocks', () => {
  const mebi = 2 ** 20

  function blockOf(length: number, descriptors: readonly number[]): Block {
    let start = 0
    return {
      range: { start: 0, end: length },
      runs: [],
      descriptors: descriptors.map((bytes, index) => ({
        xorb: String(index),
        chunks: { start: 0, end: 1 },
        bytes: { start, end: (start += bytes) },
        url: 'https://storage.example/x',
      })),
      fetchedAt: 0,
      deadline: null,
      skew: 0,
      generation: 1,
    }
  }

  test.each([
    [0, []],
    [1, [[0, 1]]],
    [maxBlock, [[0, maxBlock]]],
    [
      maxBlock + 1,
      [
        [0, maxBlock],
        [maxBlock, maxBlock + 1],
      ],
    ],
  ])('a file of %i bytes is requested in blocks', (size, expected) => {
    expect(firstBlocks(size).map(({ start, end }) => [start, end])).toEqual(expected)
  })

  test.each([
    ['enough of them', 256, [64, 64, 64, 8, 8, 8]],
    ['few small ones', 24, [12, 12]],
    ['one of a small file', 6, [6]],
    ['none', 0, []],
  ])('%s are used as they are', (_, length, descriptors) => {
    const block = blockOf(
      length * mebi,
      descriptors.map((size) => size * mebi),
    )
    expect(narrowBlocks(block, 6, 100)).toBeUndefined()
  })

  test.each([
    [10, 50, [3.33, 3.33, 3.33]],
    [16, 50, [3.2, 3.2, 3.2, 3.2, 3.2]],
    [7, 40, [3.5, 3.5]],
    [16, 39, undefined],
    [10, 0, undefined],
  ])('a file of one xorb of %i MiB, with a round trip of %i ms', (size, roundTripMs, expected) => {
    const parts = narrowBlocks(blockOf(size * mebi, [size * mebi]), 6, roundTripMs)
    const lengths = parts?.map(({ start, end }) => Math.round((100 * (end - start)) / mebi) / 100)
    expect(lengths).toEqual(expected)
  })

  test('narrow blocks have 8 to 16 MiB, or half more or less, without gaps, and end with their xorbs', () => {
    const sizes = fc.array(fc.integer({ min: 2 * mebi, max: 64 * mebi }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(sizes, fc.nat(mebi), (lengths, begin) => {
        const length = lengths.reduce((sum, one) => sum + one, 0)
        let offset = -begin
        const runs = lengths.map((one, index) => {
          const run = { xorb: String(index), chunks: { start: 0, end: 1 }, offset, length: one }
          offset += one
          return run
        })
        const block = { ...blockOf(length - begin, [17 * mebi]), runs }
        const parts = narrowBlocks(block, 6, 0)!
        expect(parts[0]?.start).toBe(0)
        expect(parts.at(-1)?.end).toBe(length - begin)
        for (const [index, { start, end }] of parts.entries()) {
          expect(start).toBe(parts[index - 1]?.end ?? 0)
          expect(end - start).toBeLessThanOrEqual(24 * mebi)
          if (index < parts.length - 1) expect(end - start).toBeGreaterThanOrEqual(4 * mebi)
        }
        const ends = new Set(parts.map(({ end }) => end))
        for (const run of runs)
          if (run.length >= 8 * mebi) expect(ends).toContain(run.offset + run.length)
      }),
    )
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

describe('which request idle connections relieve', () => {
  const MB = 1e6
  /** A request at a rate in MB per second, which has received for half a second. */
  const request = (rate: number, left: number, firstByteMs = 50): Divisible => ({
    left: left * MB,
    received: (rate * MB) / 2,
    ms: 500,
    firstByteMs,
  })

  const [slow, fast] = [4000, 20_000]

  test('the one that would end last, by its rate and the highest one', () => {
    const found = divide([request(20, 8), request(4, 8), undefined], 1, fast)!
    expect(found).toMatchObject({ index: 1, parts: 1 })
    // In 130 ms it brings 0.52 of 8 MB; of the rest a sixth.
    expect(found.share).toBeCloseTo((0.52 + 7.48 / 6) / 8, 2)
  })

  test.each([
    ['no connection is idle', [request(4, 8)], 0, fast],
    ['no request runs', [], 5, fast],
    ['nothing may be divided', [undefined, undefined], 4, fast],
    ['its rate is not known yet', [{ ...request(4, 8), ms: 200 }], 5, fast],
    ['it is not much slower than others', [request(4, 8)], 5, 2 * slow],
    ['it has the only rate', [request(4, 8)], 5, 0],
    ['it is nearly done', [request(4, 1)], 5, fast],
    ['two round trips take longer', [request(4, 8, 2000)], 5, fast],
  ] as const)('none if %s', (_, requests, idle, fastest) => {
    expect(divide(requests, idle, fastest)).toBeUndefined()
  })

  test('parts are no more than the idle connections, and bring at least a quarter', () => {
    const requests = fc.array(
      fc.record({
        left: fc.integer({ min: 0, max: 64 * MB }),
        received: fc.integer({ min: 0, max: 64 * MB }),
        ms: fc.integer({ min: 0, max: 60_000 }),
        firstByteMs: fc.integer({ min: 0, max: 5000 }),
      }),
      { maxLength: 6 },
    )
    const connections = fc.integer({ min: 0, max: 6 })
    fc.assert(
      fc.property(requests, connections, fc.integer({ max: 100_000 }), (all, idle, fastest) => {
        const found = divide(all, idle, fastest)
        if (!found) return
        expect(found.parts).toBeLessThanOrEqual(idle)
        expect(found.share).toBeGreaterThan(0)
        expect(found.share).toBeLessThanOrEqual(0.75)
        expect((1 - found.share) * all[found.index]!.left).toBeGreaterThan(2 * 2 ** 20 - 1)
      }),
    )
  })

  test('the last request is compared with those before it, and looks are not frequent', () => {
    const dividing = new Dividing()
    const look = (now: number, ...rates: readonly number[]) =>
      dividing.next(now, () => ({
        requests: rates.map((rate) => request(rate, 30)),
        idle: 6 - rates.length,
      }))
    expect(look(1000, 20, 20, 20)).toBeUndefined()
    expect(look(1040, 20, 2)).toBeUndefined()
    expect(look(1050, 20, 2)).toMatchObject({ index: 1 })
    expect(look(1100, 2)).toMatchObject({ index: 0 })
    // The line has become slower.
    expect(look(30_000, 2, 2)).toBeUndefined()
    expect(look(30_100, 2)).toBeUndefined()
  })
})

describe('a request that leaves its rest to another one', () => {
  const running = (): Underway => {
    const underway = new Underway()
    underway.begin(0, 500, [{ start: 1000, end: 2000 }])
    underway.received(100, 50)
    underway.took(1100)
    return underway
  }
  const block = { range: { start: 1500, end: 2000 } } as Block
  const span = (relieves?: Underway) => ({
    range: block.range,
    first: false,
    progressGeneration: 0,
    ...(relieves && { relieves: new Relief(relieves, [block.range]) }),
  })
  const opened = (
    one: ReturnType<typeof span>,
    open: (signal: AbortSignal) => Promise<Block>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Block | undefined> =>
    openRelief(one, signal, { signal }, { open: (_, ask) => open(ask.signal!) })

  test('ends as soon as it comes to it', async () => {
    const underway = running()
    expect(await opened(span(underway), async () => block)).toBe(block)
    underway.took(1499)
    expect(underway.early.signal.aborted).toBe(false)
    underway.took(1520)
    expect(underway.early.signal.aborted).toBe(true)
  })

  test('goes on where it is further by then, or over', async () => {
    const underway = running()
    const further = opened(span(underway), async () => {
      underway.took(1501)
      return block
    })
    expect(await further).toBeUndefined()
    underway.took(2000)
    expect(underway.early.signal.aborted).toBe(false)
    underway.over.abort()
    expect(underway.leave(1900)).toBe(false)
  })

  test('goes on when the other one gets no block, which then waits no longer than it', async () => {
    const underway = running()
    const refused = opened(span(underway), () => Promise.reject(new Error('403')))
    expect(await refused).toBeUndefined()
    const stuck = opened(
      span(underway),
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    underway.over.abort()
    expect(await stuck).toBeUndefined()
    expect(underway.until).toBe(Infinity)
  })

  test('goes on with all of it when one of the others gets no block, and is not divided again', async () => {
    const underway = running()
    const ranges = [{ start: 1300, end: 1500 }, block.range]
    const relieves = new Relief(underway, ranges)
    const { signal } = new AbortController()
    const open = (range: ByteRange, answer: Promise<Block>): Promise<Block | undefined> => {
      const one = { range, first: false, relieves, progressGeneration: 0 }
      return openRelief(one, signal, { signal }, { open: () => answer })
    }
    const first = open(ranges[0]!, Promise.resolve(block))
    expect(await open(block.range, Promise.reject(new Error('403')))).toBeUndefined()
    expect(await first).toBeUndefined()
    expect(underway.until).toBe(Infinity)
    expect(underway.view(200)).toBeUndefined()
    underway.begin(300, 500, [{ start: 1000, end: 2000 }])
    underway.received(310, 50)
    expect(underway.view(400)).toBeDefined()
  })

  test('leaves its rest to several others when all of them have their blocks', async () => {
    const underway = running()
    const relieves = new Relief(underway, [{ start: 1300, end: 1500 }, block.range])
    const one = { range: block.range, first: false, relieves, progressGeneration: 0 }
    const { signal } = new AbortController()
    const both = [1, 2].map(() => openRelief(one, signal, { signal }, { open: async () => block }))
    expect(await Promise.all(both)).toEqual([block, block])
    expect(underway.until).toBe(1300)
  })

  test('a range that relieves none fails as it failed, and an aborted download says why', async () => {
    const refused = async (): Promise<Block> => {
      throw new Error('403')
    }
    await expect(opened(span(), refused)).rejects.toThrow('403')
    const aborted = AbortSignal.abort(new Error('stopped'))
    await expect(opened(span(running()), refused, aborted)).rejects.toThrow('stopped')
  })

  test('is not divided with several places, and not before its first byte', () => {
    const underway = running()
    expect(underway.view(200)).toEqual({ left: 450, received: 50, ms: 100, firstByteMs: 100 })
    expect(underway.after(0.5)).toEqual({ start: 1550, end: 2000 })
    underway.leave(1550)
    expect(underway.view(200)).toMatchObject({ left: 225 })
    underway.begin(300, 500, [{ start: 1000, end: 2000 }])
    expect(underway.view(400)).toBeUndefined()
    underway.begin(300, 500, [block.range, { start: 3000, end: 3500 }])
    underway.received(310, 50)
    expect(underway.view(400)).toBeUndefined()
  })
})
