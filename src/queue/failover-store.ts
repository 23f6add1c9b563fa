// Calls the limit store with a time limit. While it fails, `failMode` decides: local counting, open, or closed.
import { alarm, type Clock, FerryError, tell } from '../core/index.ts'
import { unknownMs } from './queue.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import type { LimitStore, MaybePromise, Refused, StartRequest } from './limit-store.ts'
import type { QueueSettings } from './options.ts'

/** A start that was reserved for a ticket. Reservations of equal cost are interchangeable within a key. */
export interface Reservation {
  readonly granted: true
  readonly id: string
  /** The store that reserved it; null: the store failed and `failMode` is `open`. */
  readonly home: LimitStore | null
  /** Epoch milliseconds. */
  readonly start: number
  readonly cost: number
  /** Theoretical arrival time of the key after it; undefined: unknown. */
  readonly tat: number | undefined
}

/** A lease, with the store that gave it; null: the store failed and `failMode` is `open`. */
export interface HeldLease {
  readonly granted: true
  readonly id: string
  readonly home: LimitStore | null
}

/** A refusal of the store, or of the queue because the store failed. */
export interface StoreRefusal extends Omit<Refused, 'why'> {
  readonly why: Refused['why'] | 'store'
}

const failed = Symbol('the store failed')

type Failed = typeof failed

const storeFailed: StoreRefusal = { granted: false, why: 'store', retryAfterMs: unknownMs }

const minuteMs = 60_000

/**
 * The limit store as the queue uses it: every call is answered in time. When the store fails, the `failMode` of the
 * queue answers; after a timeout the store is not asked again for as long as the timeout.
 */
export class FailoverStore {
  readonly #settings: QueueSettings
  #local: MemoryStore | undefined
  #reportedAt = -Infinity
  #sweptAt: number
  /** Epoch milliseconds. After a timeout, later callers do not wait for the store as well. */
  #skipUntil = -Infinity

  constructor(settings: QueueSettings) {
    this.#settings = settings
    this.#sweptAt = settings.clock.now()
  }

  reserve(
    key: string,
    request: StartRequest,
    now: number,
  ): MaybePromise<Reservation | StoreRefusal> {
    const { store } = this.#settings
    if (this.#isSkipped(now)) return this.#reserveFallback(key, request, now)
    const reply = this.#call(
      () => store.reserve(key, request, now),
      (late) => late.granted && store.cancel(late.id),
    )
    return whenSettled(reply, (reply) => {
      if (reply === failed) return this.#reserveFallback(key, request, now)
      return reply.granted ? reservationOf(reply, request, store) : reply
    })
  }

  acquire(key: string, limit: number, now: number): MaybePromise<HeldLease | StoreRefusal> {
    const { store, leaseMs } = this.#settings
    if (this.#isSkipped(now)) return this.#acquireFallback(key, limit, now)
    const reply = this.#call(
      () => store.acquire(key, { limit, leaseMs }, now),
      (late) => late.granted && store.release(late.id),
    )
    return whenSettled(reply, (reply) => {
      if (reply === failed) return this.#acquireFallback(key, limit, now)
      return reply.granted ? { granted: true, id: reply.id, home: store } : reply
    })
  }

  cancel({ home, id }: Reservation): void {
    if (home) void this.#call(() => home.cancel(id))
  }

  release({ home, id }: HeldLease): void {
    if (home) void this.#call(() => home.release(id))
  }

  /** @returns false when the lease is lost; undefined when the store failed: the lease lives until it expires */
  renew({ home, id }: HeldLease): MaybePromise<boolean | undefined> {
    if (!home) return true
    const reply = this.#call(() => home.renew(id, this.#settings.leaseMs))
    return whenSettled(reply, (reply) => (reply === failed ? undefined : reply))
  }

  /** Theoretical arrival time of a key; undefined when the store cannot answer at once. */
  tat(key: string): number | undefined {
    const { store } = this.#settings
    if (store.capabilities.distributed) return undefined
    const reply = this.#call(() => store.stats(key))
    return reply instanceof Promise || reply === failed ? undefined : reply.usedUntil
  }

  /** Keys in the store after idle ones were removed; 0 when it cannot answer at once. */
  keys(now: number): number {
    const { store } = this.#settings
    if (store.capabilities.distributed) return 0
    const reply = this.#call(() => store.sweep(now))
    return reply instanceof Promise || reply === failed ? 0 : reply
  }

  /** Removes idle keys from the store, at most once a minute. */
  sweepSometimes(now: number): void {
    if (now - this.#sweptAt < minuteMs) return
    this.#sweptAt = now
    this.#local?.sweep(now)
    void this.#call(() => this.#settings.store.sweep(now))
  }

  #reserveFallback(key: string, request: StartRequest, now: number): Reservation | StoreRefusal {
    const { failMode, instances } = this.#settings
    if (failMode === 'closed') return storeFailed
    if (failMode === 'open') {
      const { cost } = request
      return { granted: true, id: '', home: null, start: now, cost, tat: undefined }
    }
    const home = this.#localStore()
    const reply = home.reserve(key, shareLimits(request, instances), now)
    return reply.granted ? reservationOf(reply, request, home) : reply
  }

  #acquireFallback(key: string, limit: number, now: number): HeldLease | StoreRefusal {
    const { failMode, instances, leaseMs } = this.#settings
    if (failMode === 'closed') return storeFailed
    if (failMode === 'open') return { granted: true, id: '', home: null }
    const home = this.#localStore()
    const share = Math.max(1, Math.floor(limit / instances))
    const reply = home.acquire(key, { limit: share, leaseMs }, now)
    return reply.granted ? { granted: true, id: reply.id, home } : reply
  }

  #isSkipped(now: number): boolean {
    return now < this.#skipUntil
  }

  #localStore(): MemoryStore {
    const { maxKeys, clock } = this.#settings
    return (this.#local ??= createMemoryStore({ maxKeys, clock }))
  }

  /**
   * Calls the store, with a timeout.
   *
   * @param undo reverts a success that comes after the timeout
   */
  #call<T>(
    call: () => MaybePromise<T>,
    undo?: (late: T) => MaybePromise<unknown>,
  ): MaybePromise<T | Failed> {
    const { clock, storeTimeoutMs } = this.#settings
    try {
      const reply = call()
      if (!(reply instanceof Promise)) return reply
      return inTime(reply, storeTimeoutMs, clock).catch((error: unknown) => {
        if (isTimeout(error)) {
          this.#skipUntil = clock.now() + storeTimeoutMs
          reply.then(undo).catch((late: unknown) => this.#report(late))
        }
        return this.#report(error)
      })
    } catch (error) {
      return this.#report(error)
    }
  }

  #report(error: unknown): Failed {
    const { clock, onStoreError } = this.#settings
    const now = clock.now()
    if (now - this.#reportedAt >= minuteMs) {
      this.#reportedAt = now
      tell(onStoreError, error)
    }
    return failed
  }
}

/** @throws FerryError `timeout` after `ms` milliseconds; what the promise rejects with */
function inTime<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = alarm(clock, ms, () => {
      const message = `The limit store has not answered within ${ms} ms.`
      reject(new FerryError('timeout', message, { retryable: true }))
    })
    promise.then(resolve, reject).finally(late)
  })
}

/**
 * The part of a rate that one of several processes may use: fewer starts per interval, or a longer interval when the
 * part would be less than one start.
 *
 * @param instances processes that share the rate, 1 or more
 */
export function shareLimits(request: StartRequest, instances: number): StartRequest {
  const perInterval = Math.max(1, Math.floor(request.perInterval / instances))
  const intervalMs = (request.intervalMs * perInterval * instances) / request.perInterval
  return { ...request, perInterval, intervalMs }
}

/** Applies a function to a value, synchronously when it is not a promise. */
export function whenSettled<T, U>(
  value: MaybePromise<T>,
  go: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(go) : go(value)
}

function reservationOf(
  reply: { readonly id: string; readonly start: number; readonly usedUntil: number },
  { cost }: StartRequest,
  home: LimitStore,
): Reservation {
  return { granted: true, id: reply.id, home, start: reply.start, cost, tat: reply.usedUntil }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'timeout'
}
