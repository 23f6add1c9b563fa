import type { Clock } from '../../core/Clock.ts'
import type { RequestVerifier } from './RequestVerifier.ts'
import type { ServiceAudit } from './ServiceAudit.ts'

/** What every endpoint for services is made with. */
export interface ServiceEndpointOptions {
  /** Says who is calling; see `createRequestVerifier`. */
  readonly verify: RequestVerifier
  /**
   * Whether a caller may go on now, by its key id: null, or milliseconds until it may. Must be bounded by
   * itself; it is only asked about callers that have proven who they are. Default: everyone may.
   */
  readonly admit?: (keyId: string) => number | null
  /** Told of every call, before it is answered; when it throws, the call is answered with 503. */
  readonly audit?: (event: ServiceAudit) => void
  readonly clock?: Clock
  /** Time to receive a body, and time to find the answer; milliseconds each. Default: 5000. */
  readonly timeoutMs?: number
  /** Largest body, bytes. Default: 2048. */
  readonly maxBytes?: number
}
