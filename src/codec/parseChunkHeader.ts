import type { ChunkHeader } from './ChunkHeader.ts'
import { malformedChunk } from './malformedChunk.ts'
import { readU32 } from './readU32.ts'

const LONGEST_CHUNK = 131_072
const LONGEST_PAYLOAD = 2 * LONGEST_CHUNK

/**
 * Reads and checks the header of a chunk record, so that nothing is allocated for a length that cannot be.
 *
 * @param bytes at least the 8 bytes of the header, from `at`
 * @param at offset of the header
 * @throws FerryError `protocol` naming the field, when a value is outside the protocol's limits
 * @see Xet protocol, section on chunk records
 */
export function parseChunkHeader(bytes: Uint8Array, at = 0): ChunkHeader {
  if (bytes.length - at < 8) {
    throw malformedChunk(`its header has ${bytes.length - at} of 8 bytes`)
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
  if (length === 0 || length > LONGEST_CHUNK) {
    throw malformedChunk(`its uncompressed length is ${length}, not 1 to ${LONGEST_CHUNK}`)
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
