// Token validation. The legacy list comes before the validators.

import type { Clock } from '../core/index.ts'

/**
 * Validates a token.
 *
 * @param token as it was sent; only to be forwarded, never to be stored
 * @param digest its SHA-256, 64 lower-case hex digits: the form that is compared, stored and logged
 * @returns never rejects: every failure is `unavailable`
 */
export type TokenValidator = (token: string, digest: string) => Promise<Verdict>

/** The result of a validation. An outage is `unavailable`; it is never stored as `invalid`. */
export type Verdict =
  | {
      readonly state: 'valid'
      /** User id. */
      readonly sub: string
      /** As the validator reported it. None is `seed`; an unknown one is treated as `anonymous`. */
      readonly tier?: string
      readonly username?: string
      readonly scope?: readonly string[]
      readonly keyId?: string
      /** Epoch milliseconds at which the token ends. */
      readonly expiresAt?: number
      /** Whether it is older than its freshness because the validator could not be reached. */
      readonly stale?: boolean
    }
  | { readonly state: 'invalid' }
  | { readonly state: 'unavailable'; readonly retryAfterMs?: number }

/** A verdict with the time for which it may be cached. */
export type TimedVerdict = Verdict & {
  /** Milliseconds. */
  readonly maxAgeMs?: number
}

/** Tier of a decision, and key of the table of limits. */
export type Tier = 'anonymous' | 'recognised' | 'seed' | 'flower' | 'nectar' | 'legacy'

const tokenTiers: readonly string[] = ['seed', 'flower', 'nectar'] satisfies Tier[]

/** Whether a validator may report this tier. The other tiers follow from the kind of a decision. */
export function isTokenTier(tier: string): tier is 'seed' | 'flower' | 'nectar' {
  return tokenTiers.includes(tier)
}

/** Status of a credential: the verdict of the validator, or `legacy` for a token of the legacy list. */
export type CredentialStatus = Verdict | { readonly state: 'legacy' }

/** How credentials are checked. */
export interface CredentialPolicy {
  readonly validate: TokenValidator
  /** @param digest SHA-256 of a token, lower-case hex */
  readonly isLegacy: (digest: string) => boolean
  /** Epoch milliseconds. */
  readonly legacyExpiresAt: number
  readonly clock: Clock
}

/**
 * Checks a token. The legacy list comes first and is final: its tokens work while the validator is down, and expire
 * with the list.
 */
export async function checkCredential(
  token: string,
  digest: string,
  { isLegacy, legacyExpiresAt, validate, clock }: CredentialPolicy,
): Promise<CredentialStatus> {
  if (isLegacy(digest)) return { state: clock.now() > legacyExpiresAt ? 'invalid' : 'legacy' }
  const verdict = await callValidator(validate, token, digest)
  if (verdict.state !== 'valid' || verdict.expiresAt === undefined) return verdict
  return clock.now() >= verdict.expiresAt ? { state: 'invalid' } : verdict
}

/**
 * Calls an untrusted validator. When it throws or returns no verdict, the token is `unavailable`: neither accepted
 * nor invalid.
 */
export async function callValidator(
  validate: TokenValidator,
  token: string,
  digest: string,
): Promise<Verdict> {
  try {
    const verdict = withoutNulls(await validate(token, digest))
    if (verdict.state === 'invalid' || verdict.state === 'unavailable') return verdict
    const { sub, keyId = '', scope = [], expiresAt = 0 } = verdict
    const named = isText(sub) && sub !== '' && isText(keyId)
    const ends = typeof expiresAt === 'number' && !Number.isNaN(expiresAt)
    if (verdict.state === 'valid' && named && ends && Array.isArray(scope) && scope.every(isText))
      return verdict
  } catch {
    // Unavailable, like any other value that is not a verdict.
  }
  return { state: 'unavailable' }
}

/** JSON has null where the type has undefined. */
function withoutNulls(verdict: Verdict): Verdict {
  if (!Object.values<unknown>(verdict).includes(null)) return verdict
  const entries = Object.entries(verdict).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as Verdict
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
