import type { Decision } from '../auth/Decision.ts'

/** What travels with a request that was let in. */
export interface ServiceContext {
  /** Made once, for this request. */
  readonly decision: Decision
  /** Also the answer's `x-request-id`. */
  readonly requestId: string
  /** Address of the socket; null: there is none. */
  readonly peer: string | null
  /** Aborted when the client is gone, the slot is lost, or it took too long. */
  readonly signal: AbortSignal
  /** The decision as text, to be sealed into tokens that the service gives out; comes back by `carried`. */
  readonly carry: string
}
