/**
 * What is known of a token. Valid, invalid and unavailable are three things: an outage is never remembered as
 * "invalid".
 */
export type Verdict =
  | {
      readonly state: 'valid'
      /** User id. */
      readonly sub: string
      /** As the validator said it; none is `seed`, an unknown one is treated as `anonymous`. */
      readonly tier?: string
      readonly username?: string
      readonly scope?: readonly string[]
      readonly keyId?: string
      /** Epoch milliseconds at which the token ends. */
      readonly expiresAt?: number
      /** Whether it was kept past its freshness because the validator could not be asked. */
      readonly stale?: boolean
    }
  | { readonly state: 'invalid' }
  | { readonly state: 'unavailable'; readonly retryAfterMs?: number }
