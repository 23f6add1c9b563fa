import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRanges } from './ranges.ts'

test.each<[header: string | null, ranges: [number, number][] | 'all' | 'none']>([
  [null, 'all'],
  ['bytes=0-0', [[0, 1]]],
  ['bytes=2-5', [[2, 6]]],
  ['BYTES=2-', [[2, 10]]],
  ['bytes=-3', [[7, 10]]],
  ['bytes=-30', [[0, 10]]],
  ['bytes=5-500', [[5, 10]]],
  [
    'bytes=0-1, 4-5',
    [
      [0, 2],
      [4, 6],
    ],
  ],
  ['bytes=0-1,20-30', [[0, 2]]],
  ['bytes=10-', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=5-2', 'all'],
  ['bytes=-', 'all'],
  ['bytes=a-b', 'all'],
  ['bytes 0-1', 'all'],
  ['chunks=0-1', 'all'],
])('%s', (header, ranges) => {
  const expected = Array.isArray(ranges) ? ranges.map(([start, end]) => ({ start, end })) : ranges
  expect(parseRanges(header, 10)).toEqual(expected)
})

test('nothing but ranges within the bytes comes out', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(100), (list, size) => {
      const ranges = parseRanges(`bytes=${list}`, size)
      if (!Array.isArray(ranges)) return
      for (const { start, end } of ranges)
        expect(start >= 0 && start < end && end <= size).toBe(true)
    }),
  )
})
