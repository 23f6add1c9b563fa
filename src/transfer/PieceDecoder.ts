import type { ChunkRow } from '../codec/ChunkRow.ts'

/** A chunk as it comes out of a decoder. */
export interface Chunk extends ChunkRow {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Turns the body of one range request into chunks. */
export interface PieceDecoder {
  /** @returns the chunks that became complete */
  push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk>
  /**
   * @returns what was complete only at the end
   * @throws FerryError `protocol` when something is left over
   */
  finish(): Iterable<Chunk>
}
