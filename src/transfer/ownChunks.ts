import { chunksOfRun } from '../store/chunksOfRun.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import type { Store } from '../store/Store.ts'
import type { Ledger } from './Ledger.ts'

/** A file on its way as a source for itself: it may use a chunk in many places. */
export function ownChunks(ledger: Ledger, file: PartialFile): Pick<Store, 'chunksOf' | 'peek'> {
  return {
    chunksOf: async (xorb) =>
      ledger.runs.filter((run) => run.xorb === xorb).flatMap((run) => chunksOfRun('', run)),
    peek: async (_, range) => {
      const bytes = ledger.held.covers(range) ? await file.read(range) : undefined
      // Meanwhile it may have turned out to be damaged.
      return ledger.held.covers(range) ? bytes : undefined
    },
  }
}
