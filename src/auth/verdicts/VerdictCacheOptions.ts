import type { Clock } from '../../core/Clock.ts'
import type { Revocations } from './Revocations.ts'
import type { VerdictRules } from './VerdictRules.ts'

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
