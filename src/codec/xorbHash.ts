import type { ChunkRow } from './ChunkRow.ts'
import type { Hasher } from './Hasher.ts'
import { hashToHex } from './hashToHex.ts'
import { merkleRoot } from './merkleRoot.ts'

/**
 * The hash of a xorb, in printed form. It proves the xorb only when all its chunks from the first to the last
 * are in the list.
 *
 * @param rows all chunks of the xorb in order
 * @param hasher from `createHasher`
 * @returns 64 hex digits; all zero for a xorb without chunks
 * @see Xet protocol, section on hashing, "xorb hash"
 */
export function xorbHash(rows: readonly ChunkRow[], hasher: Hasher): string {
  return hashToHex(merkleRoot(rows, hasher))
}
