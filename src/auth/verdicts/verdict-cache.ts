import { type Clock, FerryError, inTime, systemClock, tell } from '../../core/index.ts'
import {
  callValidator,
  type Verdict,
  type TokenValidator,
  type TimedVerdict,
} from '../token-validation.ts'
import type { Revocations } from './revocations.ts'

/**
 * How a lookup ended, one of these for each. `hit`: answered by a fresh verdict. `stale`: answered by one past its
 * freshness. `miss`: the validator was asked and answered. `error`: it was asked, did not answer, and nothing
 * usable was kept.
 */
export type CacheOutcome = 'hit' | 'stale' | 'miss' | 'error'

/** How verdicts are kept. */
export interface VerdictCacheOptions extends Partial<VerdictRules> {
  readonly clock?: Clock
  /** Counts lookups, for `verdict_cache_total`. */
  readonly count?: (outcome: CacheOutcome) => void
  /** Verdicts kept at once. Default: 10000. */
  readonly maxEntries?: number
  /** Different tokens asked about at once; beyond, the verdict is `unavailable`. Default: 1000. */
  readonly maxPending?: number
  /** For one question to the validator, milliseconds. Default: 5000. */
  readonly timeoutMs?: number
  /** Which keys were revoked since when; asked before any kept verdict is used. Default: none. */
  readonly revocations?: Revocations
}

/** What is kept of a verdict. */
export interface VerdictEntry {
  readonly verdict: Exclude<Verdict, { readonly state: 'unavailable' }>
  /** Epoch milliseconds at which the question was asked: whatever changed later is not in the answer. */
  readonly checkedAt: number
  /** How long it is fresh, milliseconds. */
  readonly freshMs: number
  /** After a failed question: when to ask again, epoch milliseconds; 0 while none has failed. */
  retryAt: number
}

/** Lives of verdicts; all in milliseconds, all counted from when the question was asked. */
export interface VerdictRules {
  /** A positive verdict is used without asking. Default: 60000. */
  readonly freshMs: number
  /** After that, it is used while somebody asks again behind it. Default: 240000. */
  readonly staleMs: number
  /** Age up to which a positive verdict is used when asking again failed. Default: 300000. */
  readonly errorMs: number
  /** A negative verdict is used without asking; it has no other use. Default: 10000. */
  readonly invalidMs: number
  /** How far this clock may be ahead of the one that dates revocations. Default: 5000. */
  readonly skewMs: number
}

/** Verdicts by key, no more than a number of them. */
export interface VerdictStore {
  /** Counts as a use. */
  get(key: string): VerdictEntry | undefined
  set(key: string, entry: VerdictEntry): void
  delete(key: string): void
  readonly size: number
}

/**
 * Keeps the most recently used verdicts. Negative ones go first: made-up tokens cost nothing, and a flood of
 * them must not push out those of real users.
 *
 * @param most entries in all
 */
export function createVerdictStore(most: number): VerdictStore {
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

/** A stale verdict is not asked about again within this time after a failure, milliseconds. */
const calm = { least: 1000, most: 10_000 }

/**
 * Keeps verdicts near, by digest and never by token. One question at a time per token, whoever asks; an outage is
 * never kept, and what was known before bridges it. See {@link planLookup} for how long.
 *
 * A revoked token is refused after at most the time between two polls of the revocation feed, one poll and the skew
 * of the clocks (30 s and a little) while the feed works, and after 300 s at the latest when it does not.
 *
 * @param validate asked for what is not kept; may reject or hang, which counts as an outage
 * @returns a validator that never rejects
 * @throws FerryError `configuration` for a number that is none
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
  checkNumbers({ ...rules, maxEntries, maxPending, timeoutMs })
  const store = createVerdictStore(maxEntries)
  const pending = new Map<string, Promise<Verdict>>()

  // A key without an id is named as decisions name it.
  const revokedSince = (verdict: Verdict | undefined, digest: string): number | undefined =>
    verdict?.state === 'valid'
      ? revocations?.revokedSince(verdict.keyId ?? digest.slice(0, 8))
      : undefined

  const plan = (entry: VerdictEntry | undefined, digest: string): Lookup =>
    planLookup(entry, clock.now(), revokedSince(entry?.verdict, digest), rules)

  const keep = (digest: string, said: TimedVerdict, checkedAt: number): Verdict => {
    const key = keyOf(digest)
    if (said.state === 'unavailable') {
      const entry = store.get(key)
      const pause = Math.min(calm.most, Math.max(calm.least, said.retryAfterMs ?? 0))
      if (entry !== undefined) entry.retryAt = clock.now() + pause
      return said
    }
    const { maxAgeMs = freshMs, ...verdict } = said
    const since = revokedSince(verdict, digest)
    // Revoked while we asked: the answer may be from before.
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
      return Promise.resolve({ state: 'unavailable', retryAfterMs: calm.least })
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
    const use = plan(entry, digest)
    if (entry !== undefined) {
      if (use === 'hit') return counted('hit', entry.verdict)
      if (use === 'stale') return counted('stale', marked(entry))
      if (use === 'stale-ask') {
        // Its owner is the table of pending questions; it ends in time and never rejects.
        void ask(token, digest)
        return counted('stale', marked(entry))
      }
      if (use === 'ask') store.delete(key)
    }
    const verdict = await ask(token, digest)
    if (verdict.state !== 'unavailable') return counted('miss', verdict)
    // Time has passed and revocations may have come: what is left of the old verdict is judged anew.
    const left = entry === undefined || use === 'ask' ? 'ask' : plan(entry, digest)
    if (left === 'ask-else-invalid') return counted('error', { state: 'invalid' })
    if (entry !== undefined && left !== 'ask') return counted('stale', marked(entry))
    return counted('error', verdict)
  }

  // Revocations are somebody else's: when they cannot be asked, nothing that is kept may be used.
  return (token, digest) =>
    look(token, digest).catch(() => counted('error', { state: 'unavailable' }))
}

/** The version is part of it: another shape of entries begins anew. */
function keyOf(digest: string): string {
  return `v1:${digest}`
}

function marked({ verdict }: VerdictEntry): Verdict {
  return verdict.state === 'valid' ? { ...verdict, stale: true } : verdict
}

function checkNumbers(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isFinite(value) && value >= 0) continue
    const message = `The verdict cache's ${name} is ${value}. Give a number of 0 or more.`
    throw new FerryError('configuration', message)
  }
}
