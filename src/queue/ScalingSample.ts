import type { Outcome } from './Outcome.ts'

/** One task that has ended. */
export interface ScalingSample {
  /** Milliseconds in the queue. */
  readonly waitMs: number
  /** Milliseconds of service. */
  readonly runMs: number
  readonly outcome: Outcome
  /** Tasks that ran when it started, itself among them. */
  readonly inFlight: number
}
