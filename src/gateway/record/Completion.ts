import type { Decision } from '../../auth/Decision.ts'

/** How a request ended. */
export interface Completion {
  readonly decision: Decision
  readonly service: string
  readonly status: number
  /** Milliseconds in the queue; null: it never left it. */
  readonly waitMs: number | null
  /** Milliseconds from its start to its end; null: it never started. */
  readonly runMs: number | null
  /** Requests that held a slot of the queue when it got its own, itself among them; null: it never had one. */
  readonly inFlight: number | null
  /** `overload`: the service had too much to do, or took too long. */
  readonly outcome: 'ok' | 'client-error' | 'server-error' | 'overload' | 'cancelled'
}
