/** How a call of a service endpoint ended. `late`: its body did not arrive in time. */
export type ServiceResult =
  | 'active'
  | 'inactive'
  | 'known'
  | 'unknown'
  | 'malformed'
  | 'method'
  | 'unauthenticated'
  | 'too-large'
  | 'late'
  | 'limited'
  | 'unavailable'

/** One call of a service endpoint, for the audit log. Holds no token text and nothing else the caller sent. */
export interface ServiceAudit {
  readonly event: 'service.introspect' | 'service.site-lookup'
  /** Epoch milliseconds. */
  readonly at: number
  /** Key id of the caller, when it has proven itself. */
  readonly keyId: string | null
  readonly result: ServiceResult
  /** Of the answer. */
  readonly status: number
  /** Names the token that was asked about: its key id, else the first 8 hex digits of its SHA-256. */
  readonly tokenKeyId: string | null
}
