import type { VerdictEntry } from './VerdictEntry.ts'
import type { VerdictRules } from './VerdictRules.ts'

/**
 * What to do with a question:
 * - `hit`: the verdict is fresh;
 * - `stale`: use it, marked; a question failed a moment ago, so do not ask;
 * - `stale-ask`: use it, marked, and ask behind it;
 * - `ask-else-stale`: ask; use it, marked, if that fails;
 * - `ask-else-invalid`: its key was revoked after it was given; ask, and refuse if that fails;
 * - `ask`: there is nothing to use.
 */
export type Lookup = 'hit' | 'stale' | 'stale-ask' | 'ask-else-stale' | 'ask-else-invalid' | 'ask'

/**
 * Decides what a kept verdict is good for. By the age of a positive one, with the default rules:
 *
 * | age | last question | use |
 * | --- | --- | --- |
 * | 0 to 60 s | | as it is |
 * | 60 s to 300 s | | marked stale, asking behind it |
 * | up to 300 s | failed | marked stale |
 * | 300 s and more | | none |
 *
 * `errorMs` is an age, not a time after freshness: so 300 s is also the longest that a revoked token can go on
 * when no revocation feed works. Where it is more than `freshMs + staleMs`, the time between asks first.
 *
 * @param entry what is kept
 * @param now epoch milliseconds
 * @param revokedSince epoch milliseconds from which the entry's key is revoked
 */
export function planLookup(
  entry: VerdictEntry | undefined,
  now: number,
  revokedSince: number | undefined,
  rules: VerdictRules,
): Lookup {
  if (entry === undefined) return 'ask'
  const age = now - entry.checkedAt
  // A clock that was set back says nothing about ages any more.
  if (age < 0) return 'ask'
  if (entry.verdict.state === 'invalid') return age < rules.invalidMs ? 'hit' : 'ask'
  if (entry.verdict.expiresAt !== undefined && entry.verdict.expiresAt <= now) return 'ask'
  if (revokedSince !== undefined && entry.checkedAt < revokedSince + rules.skewMs) {
    return age < rules.errorMs ? 'ask-else-invalid' : 'ask'
  }
  if (age < entry.freshMs) return 'hit'
  const failed = entry.retryAt > 0
  const usable = age < rules.errorMs
  if (failed && usable && now < entry.retryAt) return 'stale'
  if (age < entry.freshMs + rules.staleMs && (usable || !failed)) return 'stale-ask'
  return usable ? 'ask-else-stale' : 'ask'
}
