// Keeps verdicts of a validator for a while: fresh, stale while it is asked again, and stale when it fails.
import { type Clock, inTime, systemClock, tell } from '../../core/index.ts'
import {
  callValidator,
  type Verdict,
  type TokenValidator,
  type TimedVerdict,
} from '../token-validation.ts'
import { checkNumbers, type Revocations } from './revocations.ts'

/**
 * Result of a lookup. `hit`: a fresh verdict. `stale`: a stored verdict past its freshness. `miss`: the validator
 * answered. `error`: the validator did not answer, and no usable verdict was stored.
 */
export type CacheOutcome = 'hit' | 'stale' | 'miss' | 'error'

/** Options of {@link createVerdictCache}. */
export interface VerdictCacheOptions extends Partial<VerdictRules> {
  readonly clock?: Clock
  /** Counts lookups, for `verdict_cache_total`. */
  readonly count?: (outcome: CacheOutcome) => void
  /** Most stored verdicts. Default: 10000. */
  readonly maxEntries?: number
  /** Most tokens in validation at once; beyond, the verdict is `unavailable`. Default: 1000. */
  readonly maxPending?: number
  /** Timeout of one validation, milliseconds. Default: 5000. */
  readonly timeoutMs?: number
  /** Checked before any stored verdict is used. Default: none. */
  readonly revocations?: Revocations
}

/** Lifetimes of verdicts, in milliseconds since the validation began. */
export interface VerdictRules {
  /** Freshness of a valid verdict. Default: 60000. */
  readonly freshMs: number
  /** Time after freshness in which it is used while it is revalidated (stale-while-revalidate). Default: 240000. */
  readonly staleMs: number
  /** Age up to which a valid verdict is used when revalidation failed (stale-if-error). Default: 300000. */
  readonly errorMs: number
  /** Freshness of an invalid verdict; it is never used stale. Default: 10000. */
  readonly invalidMs: number
  /** How far this clock may be ahead of the clock of the revocation feed. Default: 5000. */
  readonly skewMs: number
}

/** Pause of revalidation after a failure, milliseconds. */
const pauseMs = { least: 1000, most: 10_000 }

/**
 * Caches verdicts by the digest of the token. Concurrent lookups of a token share one validation. An outage is never
 * stored; a stored verdict bridges it, see {@link decideLookup}.
 *
 * While the revocation feed works, a revoked token is refused after at most the time between two polls, one poll and
 * the clock skew (a little more than 30 s). Without a working feed it is refused after 300 s at the latest.
 *
 * @param validate called when there is no fresh verdict; an error or a timeout counts as an outage
 * @param options every field has a default
 * @returns a validator that never rejects
 * @throws FerryError `configuration`, naming the wrong number
 * @example
 * const revocations = createRevocationFeed({ url: feedUrl, credential })
 * const validate = createVerdictCache(createIntrospection({ url, credential }), { revocations })
 */
export function createVerdictCache(
  validate: (token: string, digest: string) => Promise<TimedVerdict>,
  options: VerdictCacheOptions = {},
): TokenValidator {
  const { clock = systemClock, count, revocations } = options
  const { maxEntries = 10_000, maxPending = 1000, timeoutMs = 5000 } = options
  const { freshMs = 60_000, staleMs = 240_000, errorMs = 300_000 } = options
  const { invalidMs = 10_000, skewMs = 5000 } = options
  const rules: VerdictRules = { freshMs, staleMs, errorMs, invalidMs, skewMs }
  checkNumbers('The verdict cache', 0, { ...rules, maxEntries, maxPending, timeoutMs })
  const store = createVerdictStore(maxEntries)
  const pending = new Map<string, Promise<Verdict>>()

  // A key without an id has the name that decisions give it.
  const revokedSince = (verdict: Verdict | undefined, digest: string): number | undefined =>
    verdict?.state === 'valid'
      ? revocations?.revokedSince(verdict.keyId ?? digest.slice(0, 8))
      : undefined

  const lookupOf = (entry: VerdictEntry | undefined, digest: string): Lookup =>
    decideLookup(entry, clock.now(), revokedSince(entry?.verdict, digest), rules)

  const keep = (digest: string, reply: TimedVerdict, checkedAt: number): Verdict => {
    const key = keyOf(digest)
    if (reply.state === 'unavailable') {
      const entry = store.get(key)
      const pause = Math.min(pauseMs.most, Math.max(pauseMs.least, reply.retryAfterMs ?? 0))
      if (entry !== undefined) entry.retryAt = clock.now() + pause
      return reply
    }
    const { maxAgeMs = freshMs, ...verdict } = reply
    const since = revokedSince(verdict, digest)
    // Revoked during the validation: the answer may be from before.
    if (since !== undefined && checkedAt < since) return { state: 'invalid' }
    const alreadyStale = verdict.state === 'valid' && verdict.stale === true
    const fresh = alreadyStale ? 0 : Math.min(freshMs, maxAgeMs)
    store.set(key, { verdict, checkedAt, freshMs: fresh, retryAt: 0 })
    return verdict
  }

  const question = async (token: string, digest: string): Promise<Verdict> => {
    const checkedAt = clock.now()
    try {
      return keep(
        digest,
        await inTime(clock, timeoutMs, () => callValidator(validate, token, digest)),
        checkedAt,
      )
    } catch {
      return keep(digest, { state: 'unavailable' }, checkedAt)
    } finally {
      pending.delete(digest)
    }
  }

  const ask = (token: string, digest: string): Promise<Verdict> => {
    const asked = pending.get(digest)
    if (asked !== undefined) return asked
    if (pending.size >= maxPending) {
      return Promise.resolve({ state: 'unavailable', retryAfterMs: pauseMs.least })
    }
    const asking = question(token, digest)
    pending.set(digest, asking)
    return asking
  }

  const counted = (outcome: CacheOutcome, verdict: Verdict): Verdict => {
    tell(count, outcome)
    return verdict
  }

  const look: TokenValidator = async (token, digest) => {
    const key = keyOf(digest)
    const entry = store.get(key)
    const use = lookupOf(entry, digest)
    if (entry !== undefined) {
      if (use === 'hit') return counted('hit', entry.verdict)
      if (use === 'stale') return counted('stale', marked(entry))
      if (use === 'stale-ask') {
        // The table of pending validations owns it. It has a timeout and never rejects.
        void ask(token, digest)
        return counted('stale', marked(entry))
      }
      if (use === 'ask') store.delete(key)
    }
    const verdict = await ask(token, digest)
    if (verdict.state !== 'unavailable') return counted('miss', verdict)
    // Time has passed and revocations may have come, so the old verdict is judged again.
    const left = entry === undefined || use === 'ask' ? 'ask' : lookupOf(entry, digest)
    if (left === 'ask-else-invalid') return counted('error', { state: 'invalid' })
    if (entry !== undefined && left !== 'ask') return counted('stale', marked(entry))
    return counted('error', verdict)
  }

  // When the revocations cannot be read, no stored verdict may be used.
  return (token, digest) =>
    look(token, digest).catch(() => counted('error', { state: 'unavailable' }))
}

/** A stored verdict. */
export interface VerdictEntry {
  readonly verdict: Exclude<Verdict, { readonly state: 'unavailable' }>
  /** Epoch milliseconds at which the validation began: later changes are not in the verdict. */
  readonly checkedAt: number
  /** How long it is fresh, milliseconds. */
  readonly freshMs: number
  /** After a failed validation: when to retry, epoch milliseconds; 0 while none has failed. */
  retryAt: number
}

/**
 * How to answer a lookup:
 * - `hit`: the verdict is fresh;
 * - `stale`: use it, marked; a validation failed a moment ago, so do not ask;
 * - `stale-ask`: use it, marked, and ask in the background;
 * - `ask-else-stale`: ask; use it, marked, if that fails;
 * - `ask-else-invalid`: its key was revoked after the validation; ask, and refuse if that fails;
 * - `ask`: there is no usable verdict.
 *
 */
export type Lookup = 'hit' | 'stale' | 'stale-ask' | 'ask-else-stale' | 'ask-else-invalid' | 'ask'

/**
 * Decides how a stored verdict is used. By the age of a valid one, with the default rules:
 *
 * | age | last validation | use |
 * | --- | --- | --- |
 * | 0 to 60 s | | as it is |
 * | 60 s to 300 s | | marked stale, revalidated in the background |
 * | up to 300 s | failed | marked stale |
 * | 300 s and more | | none |
 *
 * `errorMs` is an age, not a time after freshness. So 300 s is also the longest that a revoked token is accepted when
 * no revocation feed works. When `errorMs` is more than `freshMs + staleMs`, a lookup in between asks first.
 *
 * @param entry the stored verdict
 * @param now epoch milliseconds
 * @param revokedSince epoch milliseconds from which the entry's key is revoked
 */
export function decideLookup(
  entry: VerdictEntry | undefined,
  now: number,
  revokedSince: number | undefined,
  rules: VerdictRules,
): Lookup {
  if (entry === undefined) return 'ask'
  const age = now - entry.checkedAt
  // After the clock was set back, ages are unknown.
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

/** A bounded map of verdicts. */
export interface VerdictStore {
  /** Counts as a use. */
  get(key: string): VerdictEntry | undefined
  set(key: string, entry: VerdictEntry): void
  delete(key: string): void
  readonly size: number
}

/**
 * Keeps the most recently used verdicts. Invalid ones are evicted first: invented tokens cost nothing, so a flood of
 * them must not evict the verdicts of real users.
 *
 * @param most entries in all
 */
function createVerdictStore(most: number): VerdictStore {
  // Maps keep the order of insertion: the first is the least recently used.
  const valid = new Map<string, VerdictEntry>()
  const invalid = new Map<string, VerdictEntry>()
  const remove = (key: string): void => {
    valid.delete(key)
    invalid.delete(key)
  }
  const put = (key: string, entry: VerdictEntry): void => {
    remove(key)
    const kept = entry.verdict.state === 'valid' ? valid : invalid
    kept.set(key, entry)
  }
  return {
    get: (key) => {
      const entry = valid.get(key) ?? invalid.get(key)
      if (entry !== undefined) put(key, entry)
      return entry
    },
    set: (key, entry) => {
      put(key, entry)
      if (valid.size + invalid.size <= most) return
      const [oldest] = (invalid.size > 0 ? invalid : valid).keys()
      if (oldest !== undefined) remove(oldest)
    },
    delete: remove,
    get size() {
      return valid.size + invalid.size
    },
  }
}

/** The key contains the version, so entries of another format are ignored. */
function keyOf(digest: string): string {
  return `v1:${digest}`
}

function marked({ verdict }: VerdictEntry): Verdict {
  return verdict.state === 'valid' ? { ...verdict, stale: true } : verdict
}
