import type { Refused } from './Refused.ts'

/** A refusal of the store, or of the queue because the store failed. */
export interface Denied extends Omit<Refused, 'why'> {
  readonly why: Refused['why'] | 'store'
}
