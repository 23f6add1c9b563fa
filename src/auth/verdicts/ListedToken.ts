/** A token in the configuration: never itself, only its digest. */
export interface ListedToken {
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string
  /** User id. */
  readonly sub: string
  readonly tier?: string
  readonly keyId?: string
  readonly username?: string
  readonly scope?: readonly string[]
  /** Epoch milliseconds from which on the token is invalid. */
  readonly expiresAt?: number
}
