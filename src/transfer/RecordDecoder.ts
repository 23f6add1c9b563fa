import { ChunkRecordReader } from '../codec/ChunkRecordReader.ts'
import type { Hasher } from '../codec/Hasher.ts'
import type { Chunk, PieceDecoder } from './PieceDecoder.ts'

/** Unpacks chunk records of a xorb. */
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
