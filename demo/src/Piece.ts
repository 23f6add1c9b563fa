/** What became of a run of bytes: not asked for yet, asked for, decoded, or checked against its hash. */
export type PieceState = 'waiting' | 'flight' | 'here' | 'proven'

/** Bytes `start` (included) to `end` (excluded) of a file. */
export interface Piece {
  start: number
  end: number
  state: PieceState
}
