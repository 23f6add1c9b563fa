import type { CatalogFile } from './CatalogFile.ts'
import type { HeldRun } from './HeldRun.ts'
import { journalName } from './journalName.ts'

/** Names of the OPFS files that committed runs and their journal need. */
export function filesOf(
  held: readonly HeldRun[],
  journal: CatalogFile['journal'],
): ReadonlySet<string> {
  return new Set([
    ...held.flatMap((run) => run.parts.map((part) => part.name)),
    ...Array.from({ length: journal.count }, (_, index) => journalName(journal.generation, index)),
  ])
}
