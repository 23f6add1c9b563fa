import type { Decision } from '../../auth/Decision.ts'

/** How a request ended. */
export interface Completion {
  readonly decision: Decision
  readonly service: string
  readonly status: number
  /** Milliseconds in the queue; null: it never left it. */
  readonly waitMs: number | null
  /** Milliseconds that its slot was held; null: it had none. */
  readonly runMs: number | null
  /** Requests under way in the whole queue when it started; null: it did not. */
  readonly inFlight: number | null
  /** `overload`: the service had too much to do, or took too long. */
  readonly outcome: 'ok' | 'client-error' | 'server-error' | 'overload' | 'cancelled'
}
