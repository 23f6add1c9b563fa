import type { Hasher } from './Hasher.ts'
import { hashToHex } from './hashToHex.ts'

/**
 * The verification hash of a run of chunks, in printed form, as a shard gives it for every term.
 *
 * @param hashes raw chunk hashes in order, 32 bytes each
 * @param hasher from `createHasher`
 * @returns 64 hex digits
 * @see Xet protocol, section on hashing, "range (verification) hash"
 */
export function rangeHash(hashes: readonly Uint8Array[], hasher: Hasher): string {
  const joined = new Uint8Array(hashes.length * 32)
  hashes.forEach((hash, index) => joined.set(hash, index * 32))
  return hashToHex(hasher.range(joined))
}
