import type { Verdict } from '../Verdict.ts'

/** What is kept of a verdict. */
export interface VerdictEntry {
  readonly verdict: Exclude<Verdict, { readonly state: 'unavailable' }>
  /** Epoch milliseconds at which the question was asked: whatever changed later is not in the answer. */
  readonly checkedAt: number
  /** How long it is fresh, milliseconds. */
  readonly freshMs: number
  /** After a failed question: when to ask again, epoch milliseconds; 0 while none has failed. */
  retryAt: number
}
