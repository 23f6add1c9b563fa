import type { ChunkHeader } from './ChunkHeader.ts'
import type { DecodedChunk } from './DecodedChunk.ts'
import type { Hasher } from './Hasher.ts'
import { malformedChunk } from './malformedChunk.ts'
import { parseChunkHeader } from './parseChunkHeader.ts'

const HEADER = 8

/**
 * Turns a stream of chunk records, cut anywhere, into chunks. It holds one unfinished record at most
 * (256 KiB); records that lie whole in one part are unpacked where they are.
 *
 * After an error the reader stays broken and repeats that error. The chunks of earlier pushes remain good.
 *
 * @example
 * const reader = new ChunkRecordReader(await createHasher())
 * for await (const part of response.body) for (const chunk of reader.push(part)) keep(chunk)
 * reader.finish()
 * @see Xet protocol, section on chunk records
 */
export class ChunkRecordReader {
  readonly #hasher: Hasher
  readonly #head = new Uint8Array(HEADER)
  #headFilled = 0
  #header: ChunkHeader | undefined
  #payload: Uint8Array<ArrayBuffer> | undefined
  #payloadFilled = 0
  #storedBytes = 0
  #failure: unknown

  /** @param hasher from `createHasher` */
  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  /** Bytes of all records given back so far, headers included: where the next record starts. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  /**
   * Takes the next bytes.
   *
   * @param part any number of bytes; not kept, so its buffer may be used again
   * @returns the chunks that became complete, in order
   * @throws FerryError `protocol` naming the field when a record is malformed, `integrity` when a checksum
   *   in it is wrong; a bad header is reported before its payload arrives
   */
  push(part: Uint8Array): DecodedChunk[] {
    if (this.#failure !== undefined) throw this.#failure
    const chunks: DecodedChunk[] = []
    try {
      for (let at = 0; at < part.length;) at = this.#take(part, at, chunks)
    } catch (error) {
      this.#failure = error
      throw error
    }
    return chunks
  }

  /**
   * Says that no more bytes will come.
   *
   * @throws FerryError `protocol` when a record is incomplete, or the error of an earlier push
   */
  finish(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#header !== undefined) {
      throw malformedChunk(
        `the input ends after ${this.#payloadFilled} of ${this.#header.storedLength} payload bytes`,
      )
    }
    if (this.#headFilled > 0) {
      throw malformedChunk(`the input ends after ${this.#headFilled} of ${HEADER} header bytes`)
    }
  }

  /** Uses what it can of `part` from `at` for the record in progress; returns where it stopped. */
  #take(part: Uint8Array, at: number, chunks: DecodedChunk[]): number {
    if (this.#header === undefined) {
      at = this.#takeHeader(part, at)
      if (this.#header === undefined) return at
    }
    const { storedLength } = this.#header
    if (this.#payload === undefined && part.length - at >= storedLength) {
      chunks.push(this.#unpack(this.#header, part.subarray(at, at + storedLength)))
      return at + storedLength
    }
    this.#payload ??= new Uint8Array(storedLength)
    const end = Math.min(part.length, at + storedLength - this.#payloadFilled)
    this.#payload.set(part.subarray(at, end), this.#payloadFilled)
    this.#payloadFilled += end - at
    if (this.#payloadFilled === storedLength) chunks.push(this.#unpack(this.#header, this.#payload))
    return end
  }

  #takeHeader(part: Uint8Array, at: number): number {
    if (this.#headFilled === 0 && part.length - at >= HEADER) {
      this.#header = parseChunkHeader(part, at)
      return at + HEADER
    }
    const end = Math.min(part.length, at + HEADER - this.#headFilled)
    this.#head.set(part.subarray(at, end), this.#headFilled)
    this.#headFilled += end - at
    if (this.#headFilled === HEADER) {
      this.#header = parseChunkHeader(this.#head)
      this.#headFilled = 0
    }
    return end
  }

  #unpack(header: ChunkHeader, payload: Uint8Array): DecodedChunk {
    const chunk = this.#hasher.unpack(header, payload)
    const storedLength = HEADER + header.storedLength
    this.#storedBytes += storedLength
    this.#header = undefined
    this.#payload = undefined
    this.#payloadFilled = 0
    return { ...chunk, storedLength }
  }
}
