import type { Piece } from './Piece.ts'

/**
 * Whether a piece brings nothing that another one does not bring as well: the same chunks of the same xorb, for
 * other places of the file. A run that the border of two stretches cuts is in both, but its chunks belong to one
 * of them each.
 */
export function isTwin(piece: Piece, other: Piece): boolean {
  const [a, b] = [piece.descriptor, other.descriptor]
  if (a.xorb === '' || a.xorb !== b.xorb) return false
  if (a.chunks.start !== b.chunks.start || a.chunks.end !== b.chunks.end) return false
  return piece.runs.every(({ offset, chunks }) =>
    other.runs.some(
      (run) =>
        run.chunks.start <= chunks.start && chunks.end <= run.chunks.end && run.offset !== offset,
    ),
  )
}
