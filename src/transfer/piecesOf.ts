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
export function piecesOf(
  span: Span,
  block: Pick<Block, 'runs' | 'descriptors'>,
  held: ByteSet,
): Piece[] {
  const { start, end } = span.range
  const wanted = new Set(
    block.runs.filter(
      ({ chunks, offset, length }) =>
        // A chunk belongs to the stretch in which it begins.
        (offset >= start || chunks.end - chunks.start > 1) &&
        !held.covers({ start: Math.max(start, offset), end: Math.min(end, offset + length) }),
    ),
  )
  return block.descriptors
    .map((descriptor) => {
      const runs = [...wanted].filter(
        ({ xorb, chunks }) =>
          xorb === descriptor.xorb &&
          chunks.start >= descriptor.chunks.start &&
          chunks.end <= descriptor.chunks.end,
      )
      // Descriptors may overlap; what two of them hold is fetched once.
      for (const run of runs) wanted.delete(run)
      return { span, descriptor, runs }
    })
    .filter(({ runs }) => runs.length > 0)
    .toSorted((a, b) => firstOffset(a) - firstOffset(b))
}

function firstOffset({ runs }: Piece): number {
  return Math.min(...runs.map(({ offset }) => offset))
}
