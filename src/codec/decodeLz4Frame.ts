import { decodeLz4Block } from './decodeLz4Block.ts'
import type { Lz4Block } from './Lz4Block.ts'
import { malformedChunk } from './malformedChunk.ts'
import { parseLz4FrameHeader } from './parseLz4FrameHeader.ts'
import { readU32 } from './readU32.ts'
import { xxh32 } from './xxh32.ts'

/**
 * Unpacks exactly one LZ4 frame into a buffer of exactly its length. Every kind of frame is understood, not
 * only those today's writers make: several blocks, linked blocks, raw blocks, checksums, content size.
 *
 * @param frame the frame and nothing else
 * @param output filled whole; its contents mean nothing after an error
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
