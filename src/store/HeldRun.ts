import type { FilePart } from './FilePart.ts'
import type { JournalRun } from './JournalRun.ts'

/** A committed run and where its bytes lie: parts in order that cover it without gaps. */
export interface HeldRun extends JournalRun {
  readonly parts: readonly FilePart[]
}
