import { expect, test } from 'vitest'
import { nextTask } from './plan.ts'
import type { Piece } from './plan.ts'
import type { Span } from './plan.ts'

function span(start: number, end: number, first = false): Span {
  return { range: { start, end }, first, good: 0 }
}

function piece(start: number, end: number): Piece {
  const chunks = { start: 0, end: 1 }
  const url = 'https://storage.example/x'
  return {
    span: span(start, end),
    descriptor: { xorb: 'x', chunks, bytes: { start: 0, end: 9 }, url },
    runs: [{ xorb: 'x', chunks, offset: start, length: end - start }],
  }
}

const byte = (at: number): { start: number; end: number } => ({ start: at, end: at + 1 })

function chosen(
  spans: readonly Span[],
  pieces: readonly Piece[],
  wanted: readonly { start: number; end: number }[],
): string {
  const task = nextTask(spans, pieces, wanted)
  if (task === undefined) return 'nothing'
  return task.kind === 'open'
    ? `open ${task.span.range.start}`
    : `fetch ${task.piece.runs[0]?.offset}`
}

test.each([
  ['nothing left', [], [], [], 'nothing'],
  [
    'the map comes before what is wanted',
    [span(50, 99, true)],
    [piece(0, 9)],
    [byte(3)],
    'open 50',
  ],
  ['what is wanted', [], [piece(0, 9), piece(9, 20)], [byte(10)], 'fetch 9'],
  ['what is wanted most', [], [piece(0, 9), piece(9, 20)], [byte(10), byte(1)], 'fetch 9'],
  ['what is wanted and not asked for', [span(20, 40)], [piece(0, 9)], [byte(30)], 'open 20'],
  ['wanted, but under way', [], [piece(0, 9)], [byte(30)], 'fetch 0'],
  [
    'wanted second, the first is under way',
    [],
    [piece(0, 9), piece(9, 20)],
    [byte(30), byte(9)],
    'fetch 9',
  ],
  ['from the front', [], [piece(0, 9), piece(9, 20)], [], 'fetch 0'],
  ['what is known before what is not', [span(0, 9)], [piece(9, 20)], [], 'fetch 9'],
  ['the rest', [span(20, 30), span(30, 40)], [], [], 'open 20'],
])('%s', (_, spans, pieces, wanted, expected) => {
  expect(chosen(spans, pieces, wanted)).toBe(expected)
})
