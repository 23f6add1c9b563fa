import type { Clock } from '../core/Clock.ts'
import type { Fetch } from './Fetch.ts'
import type { RetryPolicy } from './RetryPolicy.ts'

/** The outside world of every call, injected so that it runs in any realm and under test. */
export interface Net {
  readonly fetch: Fetch
  readonly clock: Clock
  /** 0 inclusive to 1 exclusive, as `Math.random`. */
  readonly random: () => number
  readonly retry: RetryPolicy
}
