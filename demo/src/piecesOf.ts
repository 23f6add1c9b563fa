import type { LoadState } from 'modelferry'
import type { Piece, PieceState } from './Piece.ts'

/**
 * The state of each range of a file.
 *
 * @returns the pieces in the order in which they are drawn, verified ones last
 */
export function piecesOf({ size, phase, committed, inFlight, releasable }: LoadState): Piece[] {
  if (phase === 'complete') return [{ start: 0, end: size, state: 'proven' }]
  return [
    ...inFlight.map((stretch) => piece(stretch, 'flight')),
    ...committed.map((stretch) => piece(stretch, 'here')),
    ...releasable.map((stretch) => piece(stretch, 'proven')),
  ]
}

function piece({ start, end }: LoadState['inFlight'][number], state: PieceState): Piece {
  return { start, end, state }
}
