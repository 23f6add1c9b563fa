import { expect, test } from 'vitest'
import { ByteSet } from '../core/byte-range.ts'
import type { Block } from '../reconstruction/types.ts'
import type { Descriptor } from '../reconstruction/types.ts'
import type { Run } from '../reconstruction/types.ts'
import { piecesOf } from './plan.ts'
import type { Span } from './plan.ts'

function run(xorb: string, start: number, end: number, offset: number): Run {
  return { xorb, chunks: { start, end }, offset, length: 10 * (end - start) }
}

function descriptor(xorb: string, start: number, end: number): Descriptor {
  const bytes = { start: 12 * start, end: 12 * end }
  return { xorb, chunks: { start, end }, bytes, url: `https://storage.example/${xorb}` }
}

function plan(
  runs: readonly Run[],
  descriptors: readonly Descriptor[],
  held: ByteSet = new ByteSet(),
  range: { start: number; end: number } = { start: 0, end: 1000 },
): string[] {
  const rest = { fetchedAt: 0, deadline: null, skew: 0, generation: 1 }
  const block: Block = { range, runs, descriptors, ...rest }
  const span: Span = { range, first: true, good: 0 }
  return piecesOf(span, block, held).map(
    (piece) =>
      `${piece.descriptor.xorb}${piece.descriptor.chunks.start} ${piece.runs.map(({ offset }) => offset).join()}`,
  )
}

test('one piece per descriptor, in file order', () => {
  const runs = [run('b', 0, 2, 0), run('a', 0, 3, 20), run('b', 2, 4, 50)]
  const descriptors = [descriptor('a', 0, 3), descriptor('b', 2, 4), descriptor('b', 0, 2)]
  expect(plan(runs, descriptors)).toEqual(['b0 0', 'a0 20', 'b2 50'])
})

test('a file that repeats itself fetches once for all places', () => {
  const runs = [run('a', 0, 2, 0), run('a', 1, 2, 20), run('a', 0, 2, 30)]
  expect(plan(runs, [descriptor('a', 0, 2)])).toEqual(['a0 0,20,30'])
})

test('what two descriptors hold is fetched by one', () => {
  const descriptors = [descriptor('a', 0, 9), descriptor('a', 3, 9)]
  expect(plan([run('a', 3, 9, 0)], descriptors)).toEqual(['a0 0'])
  expect(plan([run('a', 3, 9, 0), run('a', 0, 9, 60)], descriptors)).toEqual(['a0 0,60'])
})

test('a chunk that begins before the stretch is left to the one before', () => {
  const runs = [run('a', 7, 8, 95), run('b', 0, 2, 105)]
  const range = { start: 100, end: 200 }
  const descriptors = [descriptor('a', 7, 8), descriptor('b', 0, 2)]
  expect(plan(runs, descriptors, new ByteSet(), range)).toEqual(['b0 105'])
})

test('what is here is not fetched', () => {
  const runs = [run('a', 0, 2, 0), run('a', 2, 4, 20)]
  const held = new ByteSet([{ start: 0, end: 25 }])
  expect(plan(runs, [descriptor('a', 0, 2), descriptor('a', 2, 4)], held)).toEqual(['a2 20'])
})

test('what lies outside of the stretch is not its business', () => {
  const runs = [run('a', 0, 2, 90), run('a', 2, 4, 110)]
  const held = new ByteSet([{ start: 100, end: 120 }])
  const range = { start: 100, end: 120 }
  expect(plan(runs, [descriptor('a', 0, 2), descriptor('a', 2, 4)], held, range)).toEqual([])
})
