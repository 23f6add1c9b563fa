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

/**
 * Says what a token is worth.
 *
 * @param token as it was sent; only for whoever has to forward it, never to be kept
 * @param digest its SHA-256, 64 lower-case hex digits: what is compared, kept and logged
 * @returns never rejects: whatever goes wrong is `unavailable`
 */
export type TokenValidator = (token: string, digest: string) => Promise<Verdict>

/** Who waits how: the tier of a decision, and a key of the table of limits. */
export type Tier = 'anonymous' | 'recognised' | 'seed' | 'flower' | 'nectar' | 'legacy'

const tiers: readonly string[] = ['seed', 'flower', 'nectar'] satisfies Tier[]

/** Whether a validator may give this tier; the others say how somebody without a user is known. */
export function isTokenTier(tier: string): tier is 'seed' | 'flower' | 'nectar' {
  return tiers.includes(tier)
}

/** What a credential is worth: a verdict, or that it is a legacy token, which nobody has to be asked about. */
export type Standing = Verdict | { readonly state: 'legacy' }

/** A verdict whose maker may say for how long it can be used without asking again. */
export type TimedVerdict = Verdict & {
  /** Milliseconds. */
  readonly maxAgeMs?: number
}
