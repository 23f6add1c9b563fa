import type { ChunkRow } from '../codec/ChunkRow.ts'

/** Bytes that the chunks of `rows` unpack to. */
export function runLength(rows: readonly ChunkRow[]): number {
  return rows.reduce((sum, { length }) => sum + length, 0)
}
