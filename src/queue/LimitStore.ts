import type { KeyStats } from './KeyStats.ts'
import type { Lease } from './Lease.ts'
import type { LeaseRequest } from './LeaseRequest.ts'
import type { MaybePromise } from './MaybePromise.ts'
import type { Refused } from './Refused.ts'
import type { Reserved } from './Reserved.ts'
import type { StartRequest } from './StartRequest.ts'
import type { StoreCapabilities } from './StoreCapabilities.ts'

/**
 * Where limits are counted. Waiting is kept as time, not as a list: a key has one moment up to which its starts are
 * handed out, and a reservation moves it on. Concurrency is a set of leases that expire.
 *
 * Every method may throw or reject when the store cannot be reached, and must have changed nothing then that does not
 * expire by itself. `limitStoreCases` says exactly what a store has to do.
 */
export interface LimitStore {
  readonly capabilities: StoreCapabilities
  /** Hands out the key's next start. `now`: epoch milliseconds of the caller. */
  reserve(key: string, request: StartRequest, now: number): MaybePromise<Reserved | Refused>
  /**
   * Gives a start back that will not be used. Only the last one handed out returns to the key's quota; otherwise its
   * moment passes unused, because those behind it have been told theirs. Unknown ids are ignored.
   */
  cancel(reservationId: string): MaybePromise<void>
  /** Takes one of the key's places. `now`: epoch milliseconds of the caller. */
  acquire(key: string, request: LeaseRequest, now: number): MaybePromise<Lease | Refused>
  /** Lets a lease live `leaseMs` milliseconds from now. @returns false when it is lost */
  renew(leaseId: string, leaseMs: number): MaybePromise<boolean>
  /** Gives the place back; unknown ids and second calls are ignored. */
  release(leaseId: string): MaybePromise<void>
  stats(key: string): MaybePromise<KeyStats>
  /** Forgets what is idle at `now` (epoch milliseconds). @returns how many keys are left */
  sweep(now: number): MaybePromise<number>
}
