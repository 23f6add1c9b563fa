import type { HeldRun } from './HeldRun.ts'
import type { JournalEntry } from './JournalEntry.ts'
import { runLength } from './runLength.ts'

/**
 * What is committed after these entries: a run replaces an earlier one of the same chunks at the same place
 * (its bytes have moved), a drop takes away every run that shares a byte with it.
 *
 * @returns by ascending offset
 */
export function applyJournal(
  held: readonly HeldRun[],
  entries: readonly JournalEntry[],
): readonly HeldRun[] {
  const runs = new Map(held.map((run) => [key(run), run]))
  for (const entry of entries) {
    if (entry.kind === 'run') {
      runs.set(key(entry.run), entry.run)
      continue
    }
    const end = entry.offset + entry.length
    for (const [name, run] of runs) {
      if (run.offset < end && run.offset + runLength(run) > entry.offset) runs.delete(name)
    }
  }
  return [...runs.values()].toSorted((a, b) => a.offset - b.offset)
}

function key(run: HeldRun): string {
  return `${run.offset} ${run.xorb} ${run.chunk} ${run.rows.length}`
}
