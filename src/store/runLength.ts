import type { ChunkRow } from '../codec/ChunkRow.ts'

/** Bytes of a run of chunks. */
export function runLength(run: { readonly rows: readonly ChunkRow[] }): number {
  let length = 0
  for (const row of run.rows) length += row.length
  return length
}
