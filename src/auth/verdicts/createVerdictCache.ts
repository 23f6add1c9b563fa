import { FerryError } from '../../core/FerryError.ts'
import { systemClock } from '../../core/systemClock.ts'
import { askValidator } from '../askValidator.ts'
import { inTime } from '../service/inTime.ts'
import { tell } from '../service/tell.ts'
import type { TokenValidator } from '../TokenValidator.ts'
import type { Verdict } from '../Verdict.ts'
import { createVerdictStore } from './createVerdictStore.ts'
import { planLookup } from './planLookup.ts'
import type { Lookup } from './planLookup.ts'
import type { TimedVerdict } from './TimedVerdict.ts'
import type { CacheOutcome, VerdictCacheOptions } from './VerdictCacheOptions.ts'
import type { VerdictEntry } from './VerdictEntry.ts'
import type { VerdictRules } from './VerdictRules.ts'

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
        await inTime(clock, timeoutMs, () => askValidator(validate, token, digest)),
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
