import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteSet } from '../core/byte-range.ts'
import type { Block } from '../reconstruction/types.ts'
import { splitSpan } from './plan.ts'

type Pair = readonly [start: number, end: number]
const toRange = ([start, end]: Pair): { start: number; end: number } => ({ start, end })

/** One block of a million bytes in runs that end where told. */
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
  ['a whole run here', [[0, 500_000]], undefined, undefined],
  ['all here', [[0, million]], undefined, undefined],
  ['a run here in part', [[0, 300_000]], undefined, [[300_000, million]]],
  [
    'a gap inside of a run',
    [
      [0, 600_000],
      [700_000, million],
    ],
    undefined,
    [[600_000, 700_000]],
  ],
  ['only the chunk at the border here', [[0, 100_000]], undefined, undefined],
  [
    'worth to be narrowed',
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
    'narrowed around what is here',
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

test('splitting ends: what it gives is smaller than the block, and not here', () => {
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
