import type { LoadState } from 'modelferry'
import type { Piece, PieceState } from './Piece.ts'

/**
 * What became of each stretch of a file.
 *
 * @returns the pieces in the order they are to be drawn, the surest last
 */
export function piecesOf({ size, phase, committed, inFlight, releasable }: LoadState): Piece[] {
  if (phase === 'complete') return [{ start: 0, end: size, state: 'proven' }]
  const piece =
    (state: PieceState) =>
    ({ start, end }: LoadState['inFlight'][number]): Piece => ({ start, end, state })
  return [
    ...inFlight.map(piece('flight')),
    ...committed.map(piece('here')),
    ...releasable.map(piece('proven')),
  ]
}
