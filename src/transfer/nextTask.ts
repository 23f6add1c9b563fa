import type { ByteRange } from '../core/ByteRange.ts'
import { overlaps } from './overlaps.ts'
import type { Piece } from './Piece.ts'
import type { Span } from './Span.ts'

/** What a connection should do next. */
export type Task =
  | { readonly kind: 'open'; readonly span: Span }
  | { readonly kind: 'fetch'; readonly piece: Piece }

/**
 * First learn what the whole file is made of, then what somebody waits for, then from the front.
 *
 * @param spans not yet asked for, in file order
 * @param pieces ready to be fetched, in file order
 * @param wanted stretches that readers wait for, the most urgent first
 */
export function nextTask(
  spans: readonly Span[],
  pieces: readonly Piece[],
  wanted: readonly ByteRange[],
): Task | undefined {
  const first = spans.find((span) => span.first)
  if (first) return { kind: 'open', span: first }
  for (const want of wanted) {
    const piece = pieces.find(({ runs }) =>
      runs.some(({ offset, length }) => overlaps({ start: offset, end: offset + length }, want)),
    )
    if (piece) return { kind: 'fetch', piece }
    const span = spans.find(({ range }) => overlaps(range, want))
    if (span) return { kind: 'open', span }
  }
  if (pieces[0]) return { kind: 'fetch', piece: pieces[0] }
  return spans[0] && { kind: 'open', span: spans[0] }
}
