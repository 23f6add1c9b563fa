import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unsignedReconstruction } from './cas.ts'
import type { StoredXorb } from './content.ts'

/** A xorb whose chunks have these lengths; a record takes 8 bytes more. */
function xorbOf(hash: string, lengths: readonly number[]): StoredXorb {
  let offset = 0
  const chunks = lengths.map((length, index) => {
    offset += length + 8
    return { hash: `${hash}${index}`, offset: offset - length - 8, stored: length + 8, length }
  })
  return { hash, sequence: 1, bytes: offset, chunks }
}

const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 })
const stored = fc
  .record({
    xorbs: fc.array(lengths, { minLength: 1, maxLength: 3 }),
    picks: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 }),
    most: fc.constantFrom(1, 20, 60, Number.POSITIVE_INFINITY),
    from: fc.nat(),
    to: fc.nat(),
  })
  .map(({ xorbs, picks, most, from, to }) => {
    const all = new Map(xorbs.map((sizes, index) => [`x${index}`, xorbOf(`x${index}`, sizes)]))
    const terms = picks.map(([which, a, b]) => {
      const xorb = all.get(`x${which % all.size}`)!
      const start = a % xorb.chunks.length
      const end = start + 1 + (b % (xorb.chunks.length - start))
      const length = xorb.chunks.slice(start, end).reduce((sum, chunk) => sum + chunk.length, 0)
      return { xorb: xorb.hash, start, end, length }
    })
    const size = terms.reduce((sum, { length }) => sum + length, 0)
    const start = from % size
    const range = { start, end: start + 1 + (to % (size - start)) }
    return { all, file: { hash: 'f', size, terms }, range, most }
  })

/** Chunk hashes of a run of terms, one for every byte, so that what comes out can be compared. */
function bytesOf(
  all: ReadonlyMap<string, StoredXorb>,
  terms: readonly { xorb: string; start: number; end: number }[],
): string[] {
  return terms.flatMap(({ xorb, start, end }) =>
    all
      .get(xorb)!
      .chunks.slice(start, end)
      .flatMap(({ hash, length }) => Array.from({ length }, (_, at) => `${hash}:${at}`)),
  )
}

test('terms make exactly the range, and every term lies within one range of its xorb', async () => {
  await fc.assert(
    fc.asyncProperty(stored, async ({ all, file, range, most }) => {
      const unsigned = await unsignedReconstruction(file, range, (hash) => all.get(hash)!, most)
      const length = range.end - range.start
      const made = bytesOf(all, unsigned.terms).slice(unsigned.offset, unsigned.offset + length)
      expect(made).toEqual(bytesOf(all, file.terms).slice(range.start, range.end))
      const [first] = unsigned.terms
      expect(unsigned.offset).toBeLessThan(all.get(first!.xorb)!.chunks[first!.start]!.length)
      for (const { xorb, start, end, length: unpacked } of unsigned.terms) {
        const { chunks } = all.get(xorb)!
        const own = chunks.slice(start, end).reduce((sum, chunk) => sum + chunk.length, 0)
        expect(unpacked).toBe(own)
        const holding = unsigned.ranges
          .get(xorb)!
          .filter((held) => held.chunks.start <= start && end <= held.chunks.end)
        expect(holding).toHaveLength(1)
      }
      for (const [hash, ranges] of unsigned.ranges) {
        const { chunks } = all.get(hash)!
        ranges.forEach(({ chunks: held, bytes }, index) => {
          const last = chunks[held.end - 1]!
          expect(bytes).toEqual({
            start: chunks[held.start]!.offset,
            end: last.offset + last.stored,
          })
          if (index > 0) expect(held.start).toBeGreaterThanOrEqual(ranges[index - 1]!.chunks.end)
        })
      }
    }),
  )
})

test('a run above the limit is cut between chunks', async () => {
  const xorb = xorbOf('x', [10, 10, 10, 10])
  const file = { hash: 'f', size: 40, terms: [{ xorb: 'x', start: 0, end: 4, length: 40 }] }
  const range = { start: 0, end: 40 }
  const chunks = async (most: number): Promise<unknown> => {
    const unsigned = await unsignedReconstruction(file, range, () => xorb, most)
    return unsigned.ranges.get('x')!.map((held) => held.chunks)
  }
  expect(await chunks(36)).toEqual([
    { start: 0, end: 2 },
    { start: 2, end: 4 },
  ])
  expect(await chunks(1)).toHaveLength(4)
  expect(await chunks(Number.POSITIVE_INFINITY)).toEqual([{ start: 0, end: 4 }])
})
