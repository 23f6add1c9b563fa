import { decodeChunkPayload } from './decodeChunkPayload.ts'
import { malformedChunk } from './malformedChunk.ts'
import { parseChunkHeader } from './parseChunkHeader.ts'

/**
 * Unpacks exactly one chunk record. For records that arrive one after another in parts, see
 * `ChunkRecordReader`.
 *
 * @param record header and payload, and nothing after them
 * @returns the uncompressed bytes, in a buffer of their own
 * @throws FerryError `protocol` naming the field when the record is malformed, `integrity` when a checksum
 *   in it is wrong
 * @see Xet protocol, section on chunk records
 */
export function decodeChunkRecord(record: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = parseChunkHeader(record)
  const payload = record.subarray(8)
  if (payload.length !== header.storedLength) {
    throw malformedChunk(
      `its stored length is ${header.storedLength}, but ${payload.length} bytes follow the header`,
    )
  }
  return decodeChunkPayload(header, payload)
}
