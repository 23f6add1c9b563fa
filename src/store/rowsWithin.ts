import type { ByteRange } from '../core/ByteRange.ts'
import type { ChunkRow } from '../codec/ChunkRow.ts'

/** The part of a run whose chunks share a byte with a range; without rows when none does. */
interface RunPart {
  readonly offset: number
  readonly rows: readonly ChunkRow[]
}

/** Cuts a run down to the whole chunks that are needed for a range of the file. */
export function rowsWithin(run: RunPart, range: ByteRange): RunPart {
  let offset = run.offset
  let start = run.offset
  const rows: ChunkRow[] = []
  for (const row of run.rows) {
    const end = start + row.length
    if (end > range.start && start < range.end) {
      if (rows.length === 0) offset = start
      rows.push(row)
    }
    start = end
  }
  return { offset, rows }
}
