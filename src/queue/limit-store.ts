import { FerryError } from '../core/index.ts'

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

/** At once where that is possible: a store in this process costs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>

/** Asks for a start time. Limits come with each call: two callers on one key may carry different ones. */
export interface StartRequest {
  /** Milliseconds, above 0. */
  readonly intervalMs: number
  /** Starts let through per interval, 1 or more; also the burst. */
  readonly perInterval: number
  /** Reservations that may lie in the future at once; one more is refused. */
  readonly maxQueue: number
  /** Milliseconds; a start further away is refused. */
  readonly maxWaitMs: number
  /** Starts that this one counts for, above 0. */
  readonly cost: number
}

/** Asks to run. */
export interface LeaseRequest {
  /** Leases of the key at once, 1 or more. */
  readonly limit: number
  /** Milliseconds after which the lease ends by itself, unless it is renewed. */
  readonly leaseMs: number
}

/** A start time that is the caller's own. */
export interface Reserved {
  readonly granted: true
  /** For {@link LimitStore.cancel}. */
  readonly id: string
  /** Epoch milliseconds; not before the `now` it was asked with. */
  readonly start: number
  /** Epoch milliseconds up to which the key's starts, evenly spread, are handed out: all of its quota is back then. */
  readonly usedUntil: number
}

/**
 * A store says no: `waiting` too many reservations lie ahead, `wait` the start would be too late, `running` all leases
 * are out, `keys` it keeps as many keys as it may and all have work.
 */
export interface Refused {
  readonly granted: false
  readonly why: 'waiting' | 'wait' | 'running' | 'keys'
  /** Milliseconds until the same call could succeed. */
  readonly retryAfterMs: number
  /** As in {@link Reserved}, where it is known. */
  readonly usedUntil?: number
}

/** One of a key's places to run, until it expires or is given back. */
export interface Lease {
  readonly granted: true
  readonly id: string
}

/** What a store knows of a key; of one that it does not know everything is 0. */
export interface KeyStats {
  /** Epoch milliseconds, as in {@link Reserved}. */
  readonly usedUntil: number
  /** Reservations whose start lies ahead. */
  readonly waiting: number
  /** Leases that have not expired. */
  readonly running: number
}

/** What a limit store can promise. */
export interface StoreCapabilities {
  /** Whether check and change are one step. A queue takes no store without it. */
  readonly atomic: boolean
  /** Whether several processes share it. */
  readonly distributed: boolean
  /** Whether what was written is what is read next, everywhere. */
  readonly strong: boolean
  /** Milliseconds: the shortest life it can give an entry. */
  readonly minTtlMs: number
}

/**
 * @param name of the option, as the message tells it
 * @throws FerryError `configuration` when the value is no whole number of at least `minimum`
 */
export function checkWhole(name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return
  throw new FerryError(
    'configuration',
    `${name} is ${value}; give a whole number of at least ${minimum}.`,
  )
}
