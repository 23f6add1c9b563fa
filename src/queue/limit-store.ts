// The interface of a store that counts reservations and leases, in memory or shared, and its types.
import { FerryError } from '../core/index.ts'

/**
 * Counts limits, for one process or for several that share it. Waiting is stored as time, not as a list: a key has
 * one theoretical arrival time (TAT, as in the generic cell rate algorithm), and each reservation advances it.
 * Concurrency is a set of leases that expire.
 *
 * A method throws or rejects when the store cannot be reached. Changes that a failed call made must expire by
 * themselves. `limitStoreCases` is the exact specification.
 */
export interface LimitStore {
  /** What the store guarantees; read once, when a queue is made. */
  readonly capabilities: StoreCapabilities
  /** Reserves the key's next start. `now`: epoch milliseconds of the caller. */
  reserve(key: string, request: StartRequest, now: number): MaybePromise<Reserved | Refused>
  /**
   * Cancels a reservation. Only the last reservation of the key returns to its quota. Otherwise its start passes
   * unused, because later reservations have their times already. Unknown ids are ignored.
   */
  cancel(reservationId: string): MaybePromise<void>
  /** Acquires a lease of the key. `now`: epoch milliseconds of the caller. */
  acquire(key: string, request: LeaseRequest, now: number): MaybePromise<Lease | Refused>
  /** Extends a lease to `leaseMs` milliseconds from now. @returns false when it is lost */
  renew(leaseId: string, leaseMs: number): MaybePromise<boolean>
  /** Releases a lease. Unknown ids and second calls are ignored. */
  release(leaseId: string): MaybePromise<void>
  /** Counters of a key at `now` (epoch milliseconds); reading changes nothing. */
  stats(key: string): MaybePromise<KeyStats>
  /** Removes keys that are idle at `now` (epoch milliseconds). @returns number of keys left */
  sweep(now: number): MaybePromise<number>
}

/** A store in this process answers at once, synchronously. */
export type MaybePromise<T> = T | Promise<T>

/** A request for a start time. Limits come with each call: two tickets of one key may have different ones. */
export interface StartRequest {
  /** Milliseconds, above 0. */
  readonly intervalMs: number
  /** Starts admitted per interval, 1 or more; also the burst. */
  readonly perInterval: number
  /** Reservations that may lie in the future at once; one more is refused. */
  readonly maxQueue: number
  /** Milliseconds; a start further away is refused. */
  readonly maxWaitMs: number
  /** Starts of the interval that it uses, above 0. */
  readonly cost: number
}

/** A request for a lease. */
export interface LeaseRequest {
  /** Leases of the key at once, 1 or more. */
  readonly limit: number
  /** Milliseconds after which the lease expires, unless it is renewed. */
  readonly leaseMs: number
}

/** A reserved start. */
export interface Reserved {
  readonly granted: true
  /** For {@link LimitStore.cancel}. */
  readonly id: string
  /** Epoch milliseconds; not before the `now` of the request. */
  readonly start: number
  /** Theoretical arrival time of the key afterwards, epoch milliseconds: from then on its whole quota is free. */
  readonly usedUntil: number
}

/**
 * A refusal of the store: `waiting` too many reservations lie ahead; `wait` the start would be too late; `running` all
 * leases are in use; `keys` the store is full and all keys have work.
 */
export interface Refused {
  readonly granted: false
  readonly why: 'waiting' | 'wait' | 'running' | 'keys'
  /** Milliseconds until the same call could succeed. */
  readonly retryAfterMs: number
  /** As in {@link Reserved}, where it is known. */
  readonly usedUntil?: number
}

/** A lease of a key, until it expires or is released. */
export interface Lease {
  readonly granted: true
  /** For `renew` and `release`. */
  readonly id: string
}

/** Counters of a key; all 0 for an unknown key. */
export interface KeyStats {
  /** Epoch milliseconds, as in {@link Reserved}. */
  readonly usedUntil: number
  /** Reservations whose start lies ahead. */
  readonly waiting: number
  /** Leases that have not expired. */
  readonly running: number
}

/** Guarantees of a limit store. */
export interface StoreCapabilities {
  /** Whether it checks and changes in one step. A queue requires it. */
  readonly atomic: boolean
  /** Whether several processes share it. */
  readonly distributed: boolean
  /** Whether every read returns the latest write, in every process. */
  readonly strong: boolean
  /** Shortest expiry that it supports, milliseconds. */
  readonly minTtlMs: number
}

/**
 * @param name of the option, for the message
 * @throws FerryError `configuration` when the value is not a whole number of at least `minimum`
 */
export function checkWhole(name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return
  throw new FerryError(
    'configuration',
    `${name} is ${value}; give a whole number of at least ${minimum}.`,
  )
}
