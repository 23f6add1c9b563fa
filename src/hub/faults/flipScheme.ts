import { findRecords } from './findRecords.ts'

/**
 * Flips one bit in the middle of the first chunk that is stored with a scheme. Nothing happens where there is none.
 *
 * @param body whole records; changed in place
 * @param scheme of the chunk to damage
 */
export function flipScheme(body: Uint8Array, scheme: 0 | 1 | 2): void {
  const record = findRecords(body).find(({ header }) => header.scheme === scheme)
  if (record !== undefined) body[(record.start + 8 + record.end) >> 1]! ^= 1
}
