/** State of a run of bytes: not requested, requested, decoded, or verified. */
export type PieceState = 'waiting' | 'flight' | 'here' | 'proven'

/** Bytes `start` (included) to `end` (excluded) of a file. */
export interface Piece {
  start: number
  end: number
  state: PieceState
}
