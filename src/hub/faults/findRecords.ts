import { parseChunkHeader } from '../../codec/parseChunkHeader.ts'
import type { RecordPlace } from './RecordPlace.ts'

/**
 * Finds the chunk records of a body that consists of nothing else.
 *
 * @param body whole records
 * @throws FerryError `protocol` when it does not consist of them
 */
export function findRecords(body: Uint8Array): RecordPlace[] {
  const places: RecordPlace[] = []
  for (let start = 0; start < body.byteLength;) {
    const header = parseChunkHeader(body, start)
    const end = start + 8 + header.storedLength
    places.push({ start, end, header })
    start = end
  }
  return places
}
