import type { HubOrigin } from '../HubOrigin.ts'
import type { RequestKind } from '../routes/RequestKind.ts'

/** One request the hub answered. Holds no query and no token. */
export interface LogEntry {
  /** Epoch milliseconds of its arrival, by the hub's clock. */
  readonly at: number
  readonly origin: HubOrigin
  /** `preflight` for OPTIONS. */
  readonly kind: RequestKind | 'preflight'
  readonly method: string
  /** Without query. */
  readonly path: string
  /** `Range` as sent, or null. */
  readonly range: string | null
  readonly status: number
  /** Whether an `Authorization` header was sent. */
  readonly authorization: boolean
  /** Bytes of the request's body, as announced. */
  readonly received: number
  /** Bytes of the answer's body handed to the connection so far. */
  readonly bytes: number
  /** Whether the answer is over: delivered, cut or cancelled. */
  readonly done: boolean
}
