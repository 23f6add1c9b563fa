import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteSet } from '../core/byte-range.ts'
import type { HeldChunk } from '../store/runs.ts'
import { planReuse, type Stretch } from './reuse.ts'

const lengths = [10, 20, 30, 40, 50]
const run = { xorb: 'x', chunks: { start: 3, end: 8 }, offset: 1000, length: 150 }
const own = { start: 0, end: 5000 }

const start = (index: number): number =>
  lengths.slice(0, index).reduce((sum, length) => sum + length, 0)

/** Chunks of the run on the device, one after the other unless told otherwise. */
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

function told(stretches: readonly Stretch[]): string[] {
  return stretches.map(
    ({ content, source, chunk, offset, rows }) =>
      `${content}[${source.start},${source.end}) → ${offset}, chunks ${chunk}+${rows.length}`,
  )
}

test.each<[string, Parameters<typeof chunks>[0], string[], string[]]>([
  ['nothing here', [], [], []],
  [
    'everything here, in one file',
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
  ['only the middle, whose place is not known', [[2, 'a']], [], []],
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
    'the end, from two files: the surest first',
    [
      [2, 'a'],
      [3, 'b'],
      [4, 'b'],
    ],
    [],
    ['b[60,150) → 1060, chunks 6+2', 'a[30,60) → 1030, chunks 5+1'],
  ],
])('%s', (_, here, front, back) => {
  const plan = planReuse(run, own, chunks(here), new ByteSet(), 1000)
  expect(told(plan.front)).toEqual(front)
  expect(told(plan.back)).toEqual(back)
})

test('stretches stay short, but for a chunk that is longer', () => {
  const all = chunks(lengths.map((_, index) => [index, 'a']))
  const plan = planReuse(run, own, all, new ByteSet(), 45)
  expect(plan.front.map(({ rows }) => rows.map(({ length }) => length))).toEqual([
    [10, 20],
    [30],
    [40],
    [50],
  ])
})

test('what is here is not copied, and does not end the knowledge of places', () => {
  const all = chunks(lengths.map((_, index) => [index, 'a']))
  const held = new ByteSet([{ start: 1010, end: 1060 }])
  expect(told(planReuse(run, own, all, held, 1000).front)).toEqual([
    'a[0,10) → 1000, chunks 3+1',
    'a[60,150) → 1060, chunks 6+2',
  ])
})

test('chunks that begin in a neighbouring stretch are left to it', () => {
  const all = chunks(lengths.map((_, index) => [index, 'a']))
  const plan = planReuse(run, { start: 1005, end: 1060 }, all, new ByteSet(), 1000)
  expect(told(plan.front)).toEqual(['a[10,60) → 1010, chunks 4+2'])
})

test('lengths that cannot be true never lead outside of the run, or over each other', () => {
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
      const { front, back } = planReuse(run, own, map, new ByteSet(), most)
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
