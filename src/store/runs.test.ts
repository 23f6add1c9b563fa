import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FilePart, mergeParts, rowStretches, rowsWithin } from './runs.ts'

describe('mergeParts', () => {
  const part = (name: string, offset: number, at: number, length: number): FilePart => ({
    name,
    offset,
    at,
    length,
  })

  const bytesOf = (each: FilePart): number[] =>
    Array.from({ length: each.length }, (_, index) => each.offset + index)

  describe('parts', () => {
    test('that are adjacent in both files are merged', () => {
      const parts = [part('data', 10, 10, 5), part('data', 0, 0, 10)]
      expect(mergeParts(parts)).toEqual([part('data', 0, 0, 15)])
    })

    test('of different files, or not adjacent in one, stay', () => {
      const parts = [
        part('a', 0, 0, 5),
        part('b', 5, 5, 5),
        part('b', 10, 20, 5),
        part('b', 20, 25, 1),
      ]
      expect(mergeParts(parts)).toEqual(parts)
    })

    test('are trimmed where an earlier one has the bytes', () => {
      const parts = [part('a', 0, 0, 10), part('b', 5, 100, 10), part('c', 6, 0, 3)]
      expect(mergeParts(parts)).toEqual([part('a', 0, 0, 10), part('b', 10, 105, 5)])
    })

    test('cover the same bytes before and after, each once', () => {
      const parts = fc.array(
        fc.record({
          name: fc.constantFrom('a', 'b'),
          offset: fc.nat(60),
          at: fc.nat(5),
          length: fc.integer({ min: 1, max: 20 }),
        }),
      )
      fc.assert(
        fc.property(parts, (before) => {
          const after = mergeParts(before).flatMap(bytesOf)
          expect(after).toEqual([...new Set(before.flatMap(bytesOf))].toSorted((a, b) => a - b))
        }),
      )
    })
  })
})

describe('rowStretches', () => {
  const hash = new Uint8Array(32)
  const run = { offset: 100, rows: [10, 20, 30, 40].map((length) => ({ hash, length })) }

  test.for<[number, string[]]>([
    [1, ['100-110', '110-130', '130-160', '160-200']],
    [30, ['100-130', '130-160', '160-200']],
    [70, ['100-160', '160-200']],
    [1000, ['100-200']],
  ])('parts of up to %i bytes are whole chunks', ([most, wanted]) => {
    const found = [...rowStretches(run, most)].map(({ start, end }) => `${start}-${end}`)
    expect(found).toEqual(wanted)
  })

  test.for<[number, number, number, number[]]>([
    [100, 200, 100, [10, 20, 30, 40]],
    [0, 101, 100, [10]],
    [110, 130, 110, [20]],
    [129, 131, 110, [20, 30]],
    [199, 900, 160, [40]],
    [200, 300, 100, []],
  ])('bytes %i to %i need the chunks from %i', ([start, end, offset, lengths]) => {
    const part = rowsWithin(run, { start, end })
    expect(part.offset).toBe(offset)
    expect(part.rows.map(({ length }) => length)).toEqual(lengths)
  })
})
