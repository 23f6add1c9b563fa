import { FerryError, type FerryErrorCode } from '../core/index.ts'

/** One compressed block, and the part of the output that it may fill. All offsets are in bytes. */
export interface Lz4Block {
  readonly input: Uint8Array
  /** Where the block starts in `input`. */
  readonly from: number
  /** Where it ends in `input`, exclusive. */
  readonly end: number
  readonly output: Uint8Array
  /** Offset of its first byte in `output`. */
  readonly at: number
  /** End of the part of `output` that it may fill, exclusive. */
  readonly limit: number
  /** Matches may reach back to here in `output`: `at` for an independent block, 0 for a linked one. */
  readonly floor: number
}

/** Below this many bytes a loop beats a call into the engine; 16 and 64 measure the same (Node 20). */
const SHORT_COPY = 32

/**
 * Repeats bytes that were already written: the match of an LZ4 sequence. If the match is longer than its offset, it
 * reads its own output, so the pattern repeats.
 *
 * @param output holds the bytes and receives the copy
 * @param at where to write
 * @param offset how far back to read, `1 <= offset <= at`
 * @param length bytes to write; the caller checked that they fit
 */
function copyMatch(output: Uint8Array, at: number, offset: number, length: number): void {
  const end = at + length
  if (length < SHORT_COPY) {
    for (let from = at - offset; at < end;) output[at++] = output[from++]!
    return
  }
  if (offset === 1) {
    output.fill(output[at - 1]!, at, end)
    return
  }
  const from = at - offset
  // Each round copies the whole pattern so far, so its length doubles.
  for (let ready = offset; at < end; ready = at - from) {
    output.copyWithin(at, from, from + Math.min(ready, end - at))
    at += Math.min(ready, end - at)
  }
}

/**
 * The error for a malformed chunk record.
 *
 * @param what the field and the value seen, as the end of a sentence
 * @param code `integrity` for a wrong checksum, else `protocol`
 */
export function malformedChunk(what: string, code: FerryErrorCode = 'protocol'): FerryError {
  return new FerryError(code, `A chunk record is malformed: ${what}. Fetch its range again.`)
}

/** Below this many literals a loop is faster than a view and a call into the engine. */
const SHORT = 32

/**
 * Decodes one LZ4 block into the middle of a buffer.
 *
 * @returns the offset in `output` after the last byte written
 * @throws FerryError `protocol` when a sequence leaves the block, a match reaches before `floor`, or the
 *   output would pass `limit`; nothing beyond `limit` is written
 * @see LZ4 block format description
 */
export function decodeLz4Block(block: Lz4Block): number {
  const { input, end, output, limit, floor } = block
  let { from, at } = block
  while (from < end) {
    const token = input[from++]!

    let literals = token >> 4
    if (literals === 15) {
      let more: number
      do {
        if (from === end) throw malformedChunk('an LZ4 block ends inside a literal length')
        more = input[from++]!
        literals += more
      } while (more === 255)
    }
    if (literals > end - from) throw malformedChunk('an LZ4 block ends inside literals')
    if (literals > limit - at) throw malformedChunk('LZ4 literals overrun the announced length')
    if (literals > SHORT) {
      output.set(input.subarray(from, from + literals), at)
      from += literals
      at += literals
    } else {
      for (const stop = at + literals; at < stop;) output[at++] = input[from++]!
    }
    if (from === end) return at

    if (end - from < 2) throw malformedChunk('an LZ4 block ends inside a match offset')
    const offset = input[from]! | (input[from + 1]! << 8)
    from += 2
    if (offset === 0 || offset > at - floor) {
      throw malformedChunk(
        `an LZ4 match has the offset ${offset}, ${at - floor} bytes are there to match`,
      )
    }
    let length = (token & 15) + 4
    if (length === 19) {
      let more: number
      do {
        if (from === end) throw malformedChunk('an LZ4 block ends inside a match length')
        more = input[from++]!
        length += more
      } while (more === 255)
    }
    if (length > limit - at) throw malformedChunk('an LZ4 match overruns the announced length')
    copyMatch(output, at, offset, length)
    at += length
  }
  throw malformedChunk('an LZ4 block does not end with literals')
}

/**
 * An unsigned 32-bit number, low byte first. The caller checked that four bytes are available.
 *
 * @param bytes where to read
 * @param at offset of the low byte
 */
export function readU32(bytes: Uint8Array, at: number): number {
  const high = bytes[at + 3]! << 24
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | high) >>> 0
}

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

const round = (lane: number, input: number): number =>
  Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1)

/**
 * xxHash with 32 bits and seed 0, the checksum of LZ4 frames.
 *
 * @param bytes the input
 * @returns an unsigned 32-bit number
 * @see xxHash specification, "XXH32 algorithm description"
 */
export function xxh32(bytes: Uint8Array): number {
  const end = bytes.length
  let at = 0
  let sum: number
  if (end >= 16) {
    let one = (PRIME_1 + PRIME_2) | 0
    let two = PRIME_2 | 0
    let three = 0
    let four = -PRIME_1 | 0
    for (; at + 16 <= end; at += 16) {
      one = round(one, readU32(bytes, at))
      two = round(two, readU32(bytes, at + 4))
      three = round(three, readU32(bytes, at + 8))
      four = round(four, readU32(bytes, at + 12))
    }
    sum = (rotate(one, 1) + rotate(two, 7) + rotate(three, 12) + rotate(four, 18)) | 0
  } else {
    sum = PRIME_5
  }
  sum = (sum + end) | 0
  for (; at + 4 <= end; at += 4) {
    sum = Math.imul(rotate((sum + Math.imul(readU32(bytes, at), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; at < end; at++) {
    sum = Math.imul(rotate((sum + Math.imul(bytes[at]!, PRIME_5)) | 0, 11), PRIME_1)
  }
  sum = Math.imul(sum ^ (sum >>> 15), PRIME_2)
  sum = Math.imul(sum ^ (sum >>> 13), PRIME_3)
  return (sum ^ (sum >>> 16)) >>> 0
}

const MAGIC = 0x184d2204

/** The values of an LZ4 frame header that describe its blocks. */
interface Lz4FrameHeader {
  /** Offset of the first block. */
  readonly end: number
  /** Whether matches stay within their block. */
  readonly independent: boolean
  /** Maximum bytes of a block, compressed or not. */
  readonly blockSize: number
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
}

/**
 * Reads and checks the header of an LZ4 frame.
 *
 * @param frame the frame from its first byte
 * @param length uncompressed length of the frame; compared with its content size if there is one
 * @throws FerryError `protocol` on another magic number or version, reserved bits, a dictionary, a wrong
 *   header checksum, or another content size
 * @see LZ4 frame format description, "Frame Descriptor"
 */
function parseLz4FrameHeader(frame: Uint8Array, length: number): Lz4FrameHeader {
  if (frame.length < 7) throw malformedChunk(`its LZ4 frame has only ${frame.length} bytes`)
  if (readU32(frame, 0) !== MAGIC) throw malformedChunk('its LZ4 frame has another magic number')
  const flags = frame[4]!
  const descriptor = frame[5]!
  if (flags >> 6 !== 1) throw malformedChunk(`its LZ4 frame has version ${flags >> 6}, not 1`)
  if ((flags & 1) !== 0) throw malformedChunk('its LZ4 frame asks for a dictionary')
  const sizeCode = (descriptor >> 4) & 7
  if ((flags & 2) !== 0 || (descriptor & 0x8f) !== 0 || sizeCode < 4) {
    throw malformedChunk(`its LZ4 frame has reserved bits set: ${flags}, ${descriptor}`)
  }
  const hasSize = (flags & 8) !== 0
  const checksumAt = hasSize ? 14 : 6
  if (frame.length <= checksumAt) throw malformedChunk('its LZ4 frame ends inside the header')
  if (((xxh32(frame.subarray(4, checksumAt)) >>> 8) & 0xff) !== frame[checksumAt]) {
    throw malformedChunk('the header checksum of its LZ4 frame is wrong')
  }
  if (hasSize && (readU32(frame, 6) !== length || readU32(frame, 10) !== 0)) {
    throw malformedChunk(`the content size of its LZ4 frame is not its length ${length}`)
  }
  return {
    end: checksumAt + 1,
    independent: (flags & 0x20) !== 0,
    // Codes 4 to 7 mean 64 KiB, 256 KiB, 1 MiB and 4 MiB.
    blockSize: 1 << (8 + 2 * sizeCode),
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 4) !== 0,
  }
}

/**
 * Decodes exactly one LZ4 frame into a buffer of exactly its length. All kinds of frames are supported, not only
 * those of today's writers: several blocks, linked blocks, raw blocks, checksums, content size.
 *
 * @param frame the frame without trailing bytes
 * @param output filled completely; its contents are undefined after an error
 * @param unpackBlock another decoder with the contract of `decodeLz4Block`
 * @throws FerryError `protocol` when the frame is malformed or does not fill `output` exactly, `integrity`
 *   when one of its checksums is wrong
 * @example
 * const bytes = new Uint8Array(header.length)
 * decodeLz4Frame(payload, bytes)
 * @see LZ4 frame format description
 */
export function decodeLz4Frame(
  frame: Uint8Array,
  output: Uint8Array,
  unpackBlock: (block: Lz4Block) => number = decodeLz4Block,
): void {
  const header = parseLz4FrameHeader(frame, output.length)
  const checksumLength = header.blockChecksums ? 4 : 0
  let from = header.end
  let at = 0
  for (;;) {
    if (frame.length - from < 4) throw malformedChunk('its LZ4 frame has no end mark')
    const word = readU32(frame, from)
    from += 4
    if (word === 0) break
    const raw = word >>> 31 === 1
    const length = word & 0x7fffffff
    const end = from + length
    if (length > header.blockSize) {
      throw malformedChunk(`an LZ4 block of ${length} bytes is longer than its frame allows`)
    }
    if (end + checksumLength > frame.length) {
      throw malformedChunk(`an LZ4 block of ${length} bytes goes past the end`)
    }
    if (header.blockChecksums && xxh32(frame.subarray(from, end)) !== readU32(frame, end)) {
      throw malformedChunk('the checksum of an LZ4 block is wrong', 'integrity')
    }
    if (raw) {
      if (length > output.length - at) {
        throw malformedChunk('a raw LZ4 block overruns the announced length')
      }
      output.set(frame.subarray(from, end), at)
      at += length
    } else {
      const limit = Math.min(output.length, at + header.blockSize)
      const floor = header.independent ? at : 0
      at = unpackBlock({ input: frame, from, end, output, at, limit, floor })
    }
    from = end + checksumLength
  }
  if (at !== output.length) {
    throw malformedChunk(`its LZ4 frame unpacks to ${at} bytes instead of ${output.length}`)
  }
  if (header.contentChecksum) {
    if (frame.length - from < 4) throw malformedChunk('the LZ4 content checksum is missing')
    if (xxh32(output) !== readU32(frame, from)) {
      throw malformedChunk('the LZ4 content checksum is wrong', 'integrity')
    }
    from += 4
  }
  if (from !== frame.length) {
    throw malformedChunk(`${frame.length - from} bytes follow the end of its LZ4 frame`)
  }
}
