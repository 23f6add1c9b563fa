import type { ByteRange } from '../core/ByteRange.ts'
import type { JournalRun } from '../store/JournalRun.ts'
import { runLength } from './runLength.ts'

/** The stretch of the file that a committed run covers. */
export function rangeOf({ offset, rows }: JournalRun): ByteRange {
  return { start: offset, end: offset + runLength(rows) }
}
