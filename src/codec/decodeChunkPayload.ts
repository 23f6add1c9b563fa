import type { ChunkHeader } from './ChunkHeader.ts'
import { decodeLz4Frame } from './decodeLz4Frame.ts'
import { ungroupBytes } from './ungroupBytes.ts'

/** Holds the grouped form between two steps of one synchronous call: allocating it anew would zero it anew. */
const scratch = new Uint8Array(131_072)

/**
 * Unpacks the payload of a chunk record.
 *
 * @param header from `parseChunkHeader`
 * @param payload exactly `header.storedLength` bytes
 * @returns `header.length` bytes in a buffer of their own, which may be transferred
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
