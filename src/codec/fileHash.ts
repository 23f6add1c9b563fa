import type { ChunkRow } from './ChunkRow.ts'
import type { Hasher } from './Hasher.ts'
import { hashToHex } from './hashToHex.ts'
import { merkleRoot } from './merkleRoot.ts'

/**
 * The Xet hash of a file, in printed form, to be compared with `X-Xet-Hash`.
 *
 * @param rows all chunks of the file in order, as delivered
 * @param hasher from `createHasher`
 * @returns 64 hex digits; all zero for a file without chunks
 * @example if (fileHash(rows, hasher) !== info.xetHash) throw new FerryError('integrity', …)
 * @see Xet protocol, section on hashing, "file hash"
 */
export function fileHash(rows: readonly ChunkRow[], hasher: Hasher): string {
  const root = merkleRoot(rows, hasher)
  return hashToHex(rows.length === 0 ? root : hasher.file(root))
}
