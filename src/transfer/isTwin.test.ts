import { expect, test } from 'vitest'
import { isTwin } from './plan.ts'
import type { Piece } from './plan.ts'

function piece(xorb: string, start: number, end: number, ...offsets: number[]): Piece {
  const chunks = { start, end }
  return {
    span: { range: { start: 0, end: 1000 }, first: true, good: 0 },
    descriptor: { xorb, chunks, bytes: { start: 0, end: 50 }, url: 'https://storage.example/' },
    runs: offsets.map((offset) => ({ xorb, chunks, offset, length: 10 })),
  }
}

test.each<[what: string, a: Piece, b: Piece, expected: boolean]>([
  ['the same chunks for another place', piece('a', 1, 3, 0), piece('a', 1, 3, 50), true],
  ['more places for them', piece('a', 1, 3, 0, 20), piece('a', 1, 3, 50), true],
  ['other chunks', piece('a', 1, 3, 0), piece('a', 1, 4, 50), false],
  ['another xorb', piece('a', 1, 3, 0), piece('b', 1, 3, 50), false],
  ['a file without xorbs', piece('', 1, 3, 0), piece('', 1, 3, 50), false],
  ['a run that two stretches share', piece('a', 1, 3, 0), piece('a', 1, 3, 0), false],
])('%s', (_, a, b, expected) => {
  expect(isTwin(a, b)).toBe(expected)
})
