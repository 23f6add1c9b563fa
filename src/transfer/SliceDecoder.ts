import type { Hasher } from '../codec/Hasher.ts'
import type { Chunk, PieceDecoder } from './PieceDecoder.ts'

/** Bytes per row of a file that is not on Xet: what a resume can check and keep. */
export const sliceLength: number = 2 ** 20

/** Cuts a plain body into slices, so that files without chunks are journaled like the others. */
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
