import type { ByteRange } from '../core/ByteRange.ts'
import type { ChunkRow } from '../codec/ChunkRow.ts'

/** Some consecutive chunks of a run. */
export interface RowStretch extends ByteRange {
  readonly rows: readonly ChunkRow[]
}

/** Cuts a run into stretches of whole chunks, each up to `most` bytes (or one chunk, when that is longer). */
export function* rowStretches(
  run: { readonly offset: number; readonly rows: readonly ChunkRow[] },
  most: number,
): Iterable<RowStretch> {
  let rows: ChunkRow[] = []
  let start = run.offset
  let end = run.offset
  for (const row of run.rows) {
    if (rows.length > 0 && end + row.length - start > most) {
      yield { start, end, rows }
      rows = []
      start = end
    }
    rows.push(row)
    end += row.length
  }
  if (rows.length > 0) yield { start, end, rows }
}
