import type { PlannedRange } from './PlannedRange.ts'

/** A presigned URL with what may be asked for under it. */
export interface SignedEntry {
  readonly xorb: string
  readonly url: string
  readonly ranges: readonly PlannedRange[]
}
