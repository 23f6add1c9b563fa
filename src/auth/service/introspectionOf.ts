import type { Verdict } from '../Verdict.ts'

/** Body of an answer to an introspection. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true
      readonly sub: string
      readonly username?: string
      readonly tier?: string
      readonly scope: readonly string[]
      readonly keyId?: string
      /** Epoch seconds (RFC 7662). */
      readonly exp?: number
      /** Seconds for which the answer may be used without asking again. */
      readonly cacheTtl: number
    }

/**
 * Writes a verdict as answer. What has ended or was not found is the same answer.
 *
 * @param now epoch milliseconds
 * @param cacheMs longest use of the answer; a stale verdict may not be used on
 */
export function introspectionOf(
  verdict: Exclude<Verdict, { readonly state: 'unavailable' }>,
  now: number,
  cacheMs: number,
): Introspection {
  if (verdict.state === 'invalid') return { active: false }
  const { sub, username, tier, scope = [], keyId, expiresAt, stale } = verdict
  const lifeMs = (expiresAt ?? Infinity) - now
  if (lifeMs <= 0) return { active: false }
  return {
    active: true,
    sub,
    ...(username !== undefined && { username }),
    ...(tier !== undefined && { tier }),
    scope,
    ...(keyId !== undefined && { keyId }),
    ...(expiresAt !== undefined && { exp: Math.floor(expiresAt / 1000) }),
    cacheTtl: stale ? 0 : Math.floor(Math.min(cacheMs, lifeMs) / 1000),
  }
}
