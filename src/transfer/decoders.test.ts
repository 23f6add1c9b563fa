import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import type { Chunk } from './decoders.ts'
import { SliceDecoder, sliceLength } from './decoders.ts'

const hasher = await createHasher()
const bytes = new Uint8Array(2.3 * sliceLength).map((_, at) => (at * 13) ^ (at >> 9))

function slicesOf(parts: readonly Uint8Array<ArrayBuffer>[]): Chunk[] {
  const decoder = new SliceDecoder(hasher)
  return [...parts.flatMap((part) => [...decoder.push(part)]), ...decoder.finish()]
}

const [whole, half] = [slicesOf([bytes]), slicesOf([bytes.slice(0, sliceLength / 2)])]

test('slices have one length, except a shorter last one, and a hash', () => {
  expect(whole.map(({ length }) => length)).toEqual([
    sliceLength,
    sliceLength,
    bytes.length - 2 * sliceLength,
  ])
  expect(half).toHaveLength(1)
  expect(Buffer.concat(whole.map((slice) => slice.bytes)).equals(bytes)).toBe(true)
  for (const slice of whole) expect(slice.hash).toEqual(hasher.chunk(slice.bytes))
  expect(slicesOf([])).toEqual([])
  expect(slicesOf([bytes.slice(0, sliceLength)])).toHaveLength(1)
})

test('any split of the input gives the same slices', () => {
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 12 })
  fc.assert(
    fc.property(cuts, (list) => {
      const edges = [0, ...list.toSorted((a, b) => a - b), bytes.length]
      const parts = edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
      const slices = slicesOf(parts)
      expect(slices.map(({ hash }) => hash)).toEqual(whole.map(({ hash }) => hash))
    }),
    { numRuns: 25 },
  )
})
