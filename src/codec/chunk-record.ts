import { malformedChunk, readU32, decodeLz4Frame } from './lz4.ts'

const HEADER = 8
/** Longest possible chunk, uncompressed, bytes (Xet protocol, section on chunk records). */
export const longestChunk: number = 131_072
const LONGEST_PAYLOAD = 2 * longestChunk

/**
 * Reads and checks the header of a chunk record, so that nothing is allocated for an impossible length.
 *
 * @param bytes at least the 8 bytes of the header, from `at`
 * @param at offset of the header
 * @throws FerryError `protocol` naming the field, when a value is outside the protocol's limits
 * @see Xet protocol, section on chunk records
 */
export function parseChunkHeader(bytes: Uint8Array, at = 0): ChunkHeader {
  if (bytes.length - at < HEADER) {
    throw malformedChunk(`its header has ${bytes.length - at} of ${HEADER} bytes`)
  }
  const first = readU32(bytes, at)
  const second = readU32(bytes, at + 4)
  const version = first & 0xff
  const storedLength = first >>> 8
  const scheme = second & 0xff
  const length = second >>> 8
  if (version !== 0) throw malformedChunk(`its version is ${version}, only 0 is known`)
  if (scheme !== 0 && scheme !== 1 && scheme !== 2) {
    throw malformedChunk(`its compression scheme is ${scheme}, only 0, 1 and 2 are known`)
  }
  if (length === 0 || length > longestChunk) {
    throw malformedChunk(`its uncompressed length is ${length}, not 1 to ${longestChunk}`)
  }
  if (storedLength > LONGEST_PAYLOAD) {
    throw malformedChunk(`its stored length is ${storedLength}, above ${LONGEST_PAYLOAD}`)
  }
  if (scheme === 0 && storedLength !== length) {
    throw malformedChunk(
      `it is not compressed, but its stored length ${storedLength} is not its length ${length}`,
    )
  }
  return { scheme, storedLength, length }
}

/**
 * Undoes byte grouping by four. The grouped form has all bytes of index 0, 4, 8, … first, then those of index 1, 5, 9,
 * … and so on. Tables of 32-bit numbers compress better in that form.
 *
 * @param grouped the grouped bytes
 * @param output receives the bytes in order; same length as `grouped`, not overlapping
 * @example ungroupBytes(Uint8Array.of(0, 4, 1, 2, 3), output) // 0 1 2 3 4
 * @see Xet protocol, section on byte grouping
 */
export function ungroupBytes(grouped: Uint8Array, output: Uint8Array): void {
  const length = grouped.length
  const quarter = length >> 2
  const rest = length & 3
  const second = quarter + (rest > 0 ? 1 : 0)
  const third = second + quarter + (rest > 1 ? 1 : 0)
  const fourth = third + quarter + (rest > 2 ? 1 : 0)
  // One write of four bytes is half again as fast as four writes of one (Node 20).
  const words = new DataView(output.buffer, output.byteOffset, length)
  for (let index = 0; index < quarter; index++) {
    const low = grouped[index]! | (grouped[second + index]! << 8)
    const high = grouped[third + index]! | (grouped[fourth + index]! << 8)
    words.setUint32(index << 2, low | (high << 16), true)
  }
  const starts = [0, second, third]
  for (let group = 0; group < rest; group++) {
    output[(quarter << 2) + group] = grouped[starts[group]! + quarter]!
  }
}

/**
 * Holds the grouped form during one synchronous call. It is reused because a new buffer would be zeroed each time.
 */
const scratch = new Uint8Array(longestChunk)

/**
 * Decodes the payload of a chunk record.
 *
 * @param header from `parseChunkHeader`
 * @param payload exactly `header.storedLength` bytes
 * @returns `header.length` bytes in their own buffer, which may be transferred
 * @throws FerryError `protocol` or `integrity`, as `decodeLz4Frame`
 */
export function decodeChunkPayload(
  header: ChunkHeader,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (header.scheme === 0) return new Uint8Array(payload)
  const bytes = new Uint8Array(header.length)
  if (header.scheme === 1) {
    decodeLz4Frame(payload, bytes)
  } else {
    const grouped = scratch.subarray(0, header.length)
    decodeLz4Frame(payload, grouped)
    ungroupBytes(grouped, bytes)
  }
  return bytes
}

/**
 * Decodes exactly one chunk record. For a stream of records, see
 * `ChunkRecordReader`.
 *
 * @param record header and payload, without trailing bytes
 * @returns the uncompressed bytes, in their own buffer
 * @throws FerryError `protocol` naming the field when the record is malformed, `integrity` when a checksum
 *   in it is wrong
 * @see Xet protocol, section on chunk records
 */
export function decodeChunkRecord(record: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = parseChunkHeader(record)
  const payload = record.subarray(HEADER)
  if (payload.length !== header.storedLength) {
    throw malformedChunk(
      `its stored length is ${header.storedLength}, but ${payload.length} bytes follow the header`,
    )
  }
  return decodeChunkPayload(header, payload)
}

/**
 * Decodes a stream of chunk records, split anywhere, into chunks. It holds at most one unfinished record (256 KiB);
 * records that lie entirely in one part are decoded in place.
 *
 * After an error the reader repeats that error. The chunks of earlier pushes remain valid.
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
  #payload = new Uint8Array(0)
  #payloadFilled = 0
  #storedBytes = 0
  #failure: unknown

  /** @param hasher from `createHasher` */
  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  /** Bytes of all decoded records so far, headers included: the offset of the next record. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  /**
   * Takes the next bytes.
   *
   * @param part any number of bytes; not retained, so its buffer may be reused after the last chunk was taken
   * @returns the chunks that became complete, in order; the bytes of one are valid until the hasher is used again
   * @throws FerryError `protocol` naming the field when a record is malformed, `integrity` when a checksum
   *   in it is wrong; a bad header is reported before its payload arrives
   */
  *push(part: Uint8Array): Generator<DecodedChunk, void, undefined> {
    if (this.#failure !== undefined) throw this.#failure
    for (let at = 0; at < part.length;) {
      let chunk: DecodedChunk | undefined
      try {
        ;[at, chunk] = this.#take(part, at)
      } catch (error) {
        this.#failure = error
        throw error
      }
      if (chunk) yield chunk
    }
  }

  /**
   * Ends the stream.
   *
   * @returns no chunk: each is complete with its record
   * @throws FerryError `protocol` when a record is incomplete, or the error of an earlier push
   */
  finish(): readonly DecodedChunk[] {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#header !== undefined) {
      throw malformedChunk(
        `the input ends after ${this.#payloadFilled} of ${this.#header.storedLength} payload bytes`,
      )
    }
    if (this.#headFilled > 0) {
      throw malformedChunk(`the input ends after ${this.#headFilled} of ${HEADER} header bytes`)
    }
    return []
  }

  /**
   * Consumes bytes of `part` from `at` for the record in progress.
   *
   * @returns the offset where it stopped, and the chunk that became complete
   */
  #take(part: Uint8Array, at: number): [at: number, chunk?: DecodedChunk] {
    if (this.#header === undefined) {
      at = this.#takeHeader(part, at)
      if (this.#header === undefined) return [at]
    }
    const { storedLength } = this.#header
    if (this.#payloadFilled === 0 && part.length - at >= storedLength) {
      const end = at + storedLength
      return [end, this.#unpack(this.#header, part.subarray(at, end))]
    }
    // Kept for the next record that two parts share.
    if (this.#payload.length < storedLength) this.#payload = new Uint8Array(storedLength)
    const end = Math.min(part.length, at + storedLength - this.#payloadFilled)
    this.#payload.set(part.subarray(at, end), this.#payloadFilled)
    this.#payloadFilled += end - at
    if (this.#payloadFilled < storedLength) return [end]
    return [end, this.#unpack(this.#header, this.#payload.subarray(0, storedLength))]
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
    this.#storedBytes += HEADER + header.storedLength
    this.#header = undefined
    this.#payloadFilled = 0
    return { ...chunk, length: header.length }
  }
}

/**
 * The four keyed BLAKE3 hashes of Xet, each 32 raw bytes in its own buffer, and the decoding of chunks before the
 * first of them. It is synchronous, so that a chunk is hashed while it is still in the processor's cache. One hasher
 * serves one realm for its whole lifetime.
 */
export interface Hasher {
  /** Of the uncompressed bytes of one chunk. */
  chunk(bytes: Uint8Array): Uint8Array<ArrayBuffer>
  /** Of the text that lists a node's children; `merkleRoot` writes it. */
  node(text: Uint8Array): Uint8Array<ArrayBuffer>
  /** Of the 32 raw bytes of a file's merkle root. */
  file(root: Uint8Array): Uint8Array<ArrayBuffer>
  /** Of the concatenated raw hashes of a run of chunks. */
  range(hashes: Uint8Array): Uint8Array<ArrayBuffer>
  /**
   * Decodes the payload of a chunk record and hashes the result.
   *
   * @returns bytes that are valid until the next call
   * @param header from `parseChunkHeader`
   * @param payload exactly `header.storedLength` bytes
   * @throws FerryError `protocol` or `integrity`, as `decodeLz4Frame`
   */
  unpack(header: ChunkHeader, payload: Uint8Array): Pick<DecodedChunk, 'bytes' | 'hash'>
}

/** One chunk of a file or xorb as a leaf of the hash tree: 32 raw bytes of hash, length in bytes. */
export interface ChunkRow {
  readonly hash: Uint8Array<ArrayBuffer>
  readonly length: number
}

/** The first 8 bytes of a chunk record, checked against the limits of the protocol. */
export interface ChunkHeader {
  /** 0: not compressed; 1: LZ4 frame; 2: bytes grouped by four, then LZ4 frame. */
  readonly scheme: 0 | 1 | 2
  /** Bytes of the payload that follows the header. */
  readonly storedLength: number
  /** Bytes of the uncompressed chunk, 1 to 131072. */
  readonly length: number
}

/** One received chunk, decoded and hashed. */
export interface DecodedChunk extends ChunkRow {
  /** The uncompressed bytes. Their buffer is reused for the next chunk: copy what is to be kept. */
  readonly bytes: Uint8Array<ArrayBuffer>
}
