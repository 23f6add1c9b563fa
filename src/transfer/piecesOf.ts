import type { ByteSet } from '../core/ByteSet.ts'
import type { Block } from '../reconstruction/Block.ts'
import type { Piece } from './Piece.ts'
import type { Span } from './Span.ts'

/**
 * What has to be fetched for a block, given what is here: one piece per descriptor that holds a run which
 * is not yet held in full.
 *
 * @returns pieces in file order
 */
export function piecesOf(span: Span, block: Block, held: ByteSet): Piece[] {
  const wanted = block.runs.filter(
    ({ offset, length }) => !held.covers({ start: offset, end: offset + length }),
  )
  return block.descriptors
    .map((descriptor) => ({
      span,
      descriptor,
      runs: wanted.filter(
        ({ xorb, chunks }) =>
          xorb === descriptor.xorb &&
          chunks.start >= descriptor.chunks.start &&
          chunks.end <= descriptor.chunks.end,
      ),
    }))
    .filter(({ runs }) => runs.length > 0)
    .toSorted((a, b) => firstOffset(a) - firstOffset(b))
}

function firstOffset({ runs }: Piece): number {
  return Math.min(...runs.map(({ offset }) => offset))
}
