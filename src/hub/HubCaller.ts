import type { AccessToken } from './access/AccessToken.ts'

/** Who asks, as something in front of the hub has found out already. Without one the hub reads the request's token. */
export interface HubCaller {
  /** What it may do besides reading what is public; null: nothing. Default: what the request's own token says. */
  readonly rights?: Pick<AccessToken, 'read' | 'write'> | null
  /**
   * Sealed into the CAS tokens that this caller gets, and given back by `carried` for requests that bring one:
   * they hold no other credential. Signed, not encrypted.
   */
  readonly carry?: string
}
