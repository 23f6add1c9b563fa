import { malformedChunk } from './malformedChunk.ts'
import { readU32 } from './readU32.ts'
import { xxh32 } from './xxh32.ts'

const MAGIC = 0x184d2204

/** What the header of an LZ4 frame says about the blocks behind it. */
interface Lz4FrameHeader {
  /** Offset of the first block. */
  readonly end: number
  /** Whether matches stay within their block. */
  readonly independent: boolean
  /** Most bytes a block may take, packed or unpacked. */
  readonly blockSize: number
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
}

/**
 * Reads and checks the header of an LZ4 frame.
 *
 * @param frame the frame from its first byte
 * @param length bytes the frame must unpack to; compared with its content size where it gives one
 * @throws FerryError `protocol` on another magic number or version, reserved bits, a dictionary, a wrong
 *   header checksum, or another content size
 * @see LZ4 frame format description, "Frame Descriptor"
 */
export function parseLz4FrameHeader(frame: Uint8Array, length: number): Lz4FrameHeader {
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
