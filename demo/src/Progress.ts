import type { HeldFile } from './HeldFile.ts'
import type { Piece } from './Piece.ts'

/** How far a file on its way is. */
export interface Progress extends HeldFile {
  pieces: Piece[]
  /** Milliseconds since 1970 at which the presigned URLs in hand run out, when there are any. */
  deadline: number | undefined
}
