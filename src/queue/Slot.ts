import type { QueueState } from './QueueState.ts'

/** Leave to run; held until the work has really ended. */
export interface Slot {
  /** Milliseconds that it was waited for. */
  readonly waitMs: number
  /** As it was when the slot was given. */
  readonly state: QueueState
  /** Aborted when the caller gives up or the lease is lost: hand it to the work. */
  readonly signal: AbortSignal
  /** Gives the slot back; further calls do nothing. */
  release(): void
}
