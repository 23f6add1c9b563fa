import type { Clock } from '../core/Clock.ts'
import type { Backoff } from './Backoff.ts'
import type { Fetch } from './Fetch.ts'
import type { RetryPolicy } from './RetryPolicy.ts'

/** The outside world of every call, injected so that it runs in any realm and under test. */
export interface Net {
  readonly fetch: Fetch
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  readonly retry: RetryPolicy
  /** The one of this realm: every request asks it for its turn. */
  readonly backoff: Backoff
  /**
   * Settles when the device is online again; at once when it is, or when nobody can tell. For calls that a
   * transfer cannot do without; without it, time without a network is time in which tries are used up.
   */
  readonly online?: (signal?: AbortSignal) => Promise<void>
}
