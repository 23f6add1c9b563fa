import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Block } from '../reconstruction/types.ts'
import { firstBlocks, maxBlock, narrowBlocks } from './plan.ts'

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
])('a file of %i bytes is asked for in blocks', (size, expected) => {
  expect(firstBlocks(size).map(({ start, end }) => [start, end])).toEqual(expected)
})

test.each([
  ['one large descriptor', 64, [64], 8],
  ['one very large one', 256, [256], 16],
  ['few large ones', 128, [64, 64], 16],
  ['enough of them', 256, [64, 64, 64, 8, 8, 8], undefined],
  ['few small ones', 24, [12, 12], undefined],
  ['none', 0, [], undefined],
])('%s', (_, length, descriptors, step) => {
  const block = blockOf(
    length * mebi,
    descriptors.map((size) => size * mebi),
  )
  const parts = narrowBlocks(block, 6)
  if (step === undefined) return expect(parts).toBeUndefined()
  expect(Math.floor(Math.max(...parts!.map(({ start, end }) => end - start)) / mebi)).toBe(
    step === 8 ? 10 : step,
  )
})

test('narrow blocks are 8 to 16 MiB, without gaps, and enough for all connections', () => {
  const sizes = fc.integer({ min: 17 * mebi, max: maxBlock })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 2, max: 16 }), (length, connections) => {
      const parts = narrowBlocks(blockOf(length, [length]), connections)!
      expect(parts[0]?.start).toBe(0)
      expect(parts.at(-1)?.end).toBe(length)
      for (const [index, { start, end }] of parts.entries()) {
        expect(start).toBe(parts[index - 1]?.end ?? 0)
        expect(end - start).toBeLessThanOrEqual(16 * mebi)
        if (index < parts.length - 1) expect(end - start).toBeGreaterThanOrEqual(8 * mebi)
      }
      expect(parts.length).toBeGreaterThanOrEqual(
        Math.min(connections, Math.ceil(length / (8 * mebi))),
      )
    }),
  )
})
