import type { ChunkRow } from '../codec/ChunkRow.ts'

/** Whether two rows speak of the same bytes. */
export function sameRow(a: ChunkRow, b: ChunkRow): boolean {
  return a.length === b.length && a.hash.every((byte, at) => byte === b.hash[at])
}
