import { ChunkRecordReader, type ChunkRow, type Hasher } from '../codec/index.ts'

/** A decoded chunk. */
export interface Chunk extends ChunkRow {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Turns the body of one range request into chunks. */
export interface PieceDecoder {
  /** @returns the chunks that became complete */
  push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk>
  /**
   * @returns chunks that were complete only at the end
   * @throws FerryError `protocol` when bytes are left over
   */
  finish(): Iterable<Chunk>
}

/** Decodes chunk records of a xorb. */
export class RecordDecoder implements PieceDecoder {
  readonly #reader: ChunkRecordReader

  constructor(hasher: Hasher) {
    this.#reader = new ChunkRecordReader(hasher)
  }

  *push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk> {
    for (const { bytes, hash } of this.#reader.push(part))
      yield { bytes, hash, length: bytes.length }
  }

  finish(): Iterable<Chunk> {
    this.#reader.finish()
    return []
  }
}

/** Bytes per row of a file that is not on Xet: the unit of verification after a resume. */
export const sliceLength: number = 2 ** 20

/** Splits a plain body into slices, so that files without chunks are journaled like the others. */
export class SliceDecoder implements PieceDecoder {
  readonly #hasher: Hasher
  #slice: Uint8Array<ArrayBuffer> = new Uint8Array(sliceLength)
  #filled = 0

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  *push(part: Uint8Array<ArrayBuffer>): Iterable<Chunk> {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + sliceLength - this.#filled)
      this.#slice.set(taken, this.#filled)
      this.#filled += taken.length
      at += taken.length
      if (this.#filled === sliceLength) yield this.#take()
    }
  }

  *finish(): Iterable<Chunk> {
    if (this.#filled > 0) yield this.#take()
  }

  #take(): Chunk {
    const bytes = this.#slice.subarray(0, this.#filled)
    this.#slice = new Uint8Array(sliceLength)
    this.#filled = 0
    return { bytes, hash: this.#hasher.chunk(bytes), length: bytes.length }
  }
}
