import type { Clock } from '../core/Clock.ts'
import type { FailMode } from './FailMode.ts'
import type { LimitStore } from './LimitStore.ts'
import type { QueueEvent } from './QueueEvent.ts'

/** How a queue works; limits of a key come with each ticket instead. */
export interface QueueOptions {
  /** Slots of the whole queue, in this process. Default: 32. */
  readonly limit?: number
  /** Waiting at once, all keys together; one more is refused with 503. Default: 1000. */
  readonly maxWaiting?: number
  /** Keys with work at once, and keys that the default store remembers. Default: 10 000. */
  readonly maxKeys?: number
  /** Where limits are counted. Default: this process. */
  readonly store?: LimitStore
  /** Milliseconds that a slot outlives a process that vanished; leases are renewed every third of it. Default: 120 000. */
  readonly leaseMs?: number
  /** Default: `local`. */
  readonly failMode?: FailMode
  /** Processes that share the store: in `failMode` `local` each takes this part of a limit. Default: 1. */
  readonly instances?: number
  /** Milliseconds; a store that has not answered by then has failed. Default: 1000. */
  readonly storeTimeoutMs?: number
  /** Milliseconds between two tries for a place that another process holds. Default: 250. */
  readonly pollMs?: number
  /** Told of each step, within the call that makes it: keep it short. What it throws is dropped. */
  readonly onEvent?: (event: QueueEvent) => void
  /** Told why the store failed, at most once a minute. What it throws is dropped. */
  readonly onStoreError?: (error: unknown) => void
  readonly clock?: Clock
}
