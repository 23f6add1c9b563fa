import type { ChunkRow } from '../codec/ChunkRow.ts'
import type { Hasher } from '../codec/Hasher.ts'

/** Whether these bytes are exactly the chunks that the rows describe. */
export function rowsMatch(bytes: Uint8Array, rows: readonly ChunkRow[], hasher: Hasher): boolean {
  let at = 0
  for (const row of rows) {
    const hash = hasher.chunk(bytes.subarray(at, at + row.length))
    if (!hash.every((byte, index) => byte === row.hash[index])) return false
    at += row.length
  }
  return at === bytes.length
}
