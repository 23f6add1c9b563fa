import type { StoredTerm } from '../disk/StoredTerm.ts'
import type { PlannedRange } from './PlannedRange.ts'

/** What has to be fetched for a range of a file, before anything is signed. */
export interface ReconstructionPlan {
  /** Unpacked bytes of the first term that lie before the range. */
  readonly offset: number
  readonly terms: readonly StoredTerm[]
  /** By xorb, ascending; each term lies within one of them. */
  readonly ranges: ReadonlyMap<string, readonly PlannedRange[]>
}
