import type { KeyLimits } from './KeyLimits.ts'

/** Asks to be let in. */
export interface Ticket {
  /** Who shares one quota: the queue key of a decision. */
  readonly key: string
  readonly limits: KeyLimits
  /** Skips the interval and the turns between keys; concurrency and the whole queue's limit hold all the same. */
  readonly bypass?: boolean
  /** -10 to 10 within the key, higher first. Default 0: first come, first served. */
  readonly priority?: number
  /** Starts that it counts for; 0: only concurrency counts. Default 1. */
  readonly cost?: number
}
