import { alarm, type Clock, FerryError } from '../core/index.ts'
import { unknownMs, type Denied, type Held, type Permit } from './key-state.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import type { StartRequest, MaybePromise, LimitStore } from './limit-store.ts'
import type { QueueSettings } from './types.ts'

/**
 * Waits for a store that may hang.
 *
 * @param ms milliseconds
 * @throws FerryError `timeout`; what the promise rejects with
 */
export function inTime<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = alarm(clock, ms, () => {
      const message = `The limit store has not answered within ${ms} ms.`
      reject(new FerryError('timeout', message, { retryable: true }))
    })
    promise.then(resolve, reject).finally(late)
  })
}

/**
 * One instance's part of a rate: as many starts less per interval, and where that would be less than one, a longer
 * interval.
 *
 * @param instances among which the limit is divided, 1 or more
 */
export function shareLimits(request: StartRequest, instances: number): StartRequest {
  const perInterval = Math.max(1, Math.floor(request.perInterval / instances))
  const intervalMs = (request.intervalMs * perInterval * instances) / request.perInterval
  return { ...request, perInterval, intervalMs }
}

/** Goes on with a value, at once when it is here already. */
export function whenSettled<T, U>(
  value: MaybePromise<T>,
  go: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(go) : go(value)
}

const failed = Symbol('the store failed')
type Failed = typeof failed
const denied: Denied = { granted: false, why: 'store', retryAfterMs: unknownMs }
const minuteMs = 60_000

/** The store as the queue sees it: always answers, in time, by the queue's `failMode` when it cannot be had. */
export class StoreGuard {
  readonly #settings: QueueSettings
  #local: MemoryStore | undefined
  #reportedAt = -Infinity
  #sweptAt: number
  /** Epoch milliseconds; a store that hung is not waited for by every caller anew. */
  #restsUntil = -Infinity

  constructor(settings: QueueSettings) {
    this.#settings = settings
    this.#sweptAt = settings.clock.now()
  }

  reserve(key: string, request: StartRequest, now: number): MaybePromise<Permit | Denied> {
    const { store } = this.#settings
    if (this.#rests(now)) return this.#reserveWithout(key, request, now)
    const reply = this.#ask(
      () => store.reserve(key, request, now),
      (late) => late.granted && store.cancel(late.id),
    )
    return whenSettled(reply, (reply) => {
      if (reply === failed) return this.#reserveWithout(key, request, now)
      return reply.granted ? permit(reply, request, store) : reply
    })
  }

  acquire(key: string, limit: number, now: number): MaybePromise<Held | Denied> {
    const { store, leaseMs } = this.#settings
    if (this.#rests(now)) return this.#acquireWithout(key, limit, now)
    const reply = this.#ask(
      () => store.acquire(key, { limit, leaseMs }, now),
      (late) => late.granted && store.release(late.id),
    )
    return whenSettled(reply, (reply) => {
      if (reply === failed) return this.#acquireWithout(key, limit, now)
      return reply.granted ? { granted: true, id: reply.id, home: store } : reply
    })
  }

  cancel({ home, id }: Permit): void {
    if (home) void this.#ask(() => home.cancel(id))
  }

  release({ home, id }: Held): void {
    if (home) void this.#ask(() => home.release(id))
  }

  /** @returns undefined when it is not known: the lease lives on until it expires */
  renew({ home, id }: Held): MaybePromise<boolean | undefined> {
    if (!home) return true
    const reply = this.#ask(() => home.renew(id, this.#settings.leaseMs))
    return whenSettled(reply, (reply) => (reply === failed ? undefined : reply))
  }

  /** Up to where the key's starts are handed out, when the store can say at once. */
  usedUntil(key: string): number | undefined {
    const { store } = this.#settings
    if (store.capabilities.distributed) return undefined
    const reply = this.#ask(() => store.stats(key))
    return reply instanceof Promise || reply === failed ? undefined : reply.usedUntil
  }

  /** Keys that the store knows once it has forgotten idle ones; 0 when it cannot say at once. */
  keys(now: number): number {
    const { store } = this.#settings
    if (store.capabilities.distributed) return 0
    const reply = this.#ask(() => store.sweep(now))
    return reply instanceof Promise || reply === failed ? 0 : reply
  }

  /** Lets the store forget idle keys, once a minute at most. */
  sweepNowAndThen(now: number): void {
    if (now - this.#sweptAt < minuteMs) return
    this.#sweptAt = now
    this.#local?.sweep(now)
    void this.#ask(() => this.#settings.store.sweep(now))
  }

  #reserveWithout(key: string, request: StartRequest, now: number): Permit | Denied {
    const { failMode, instances } = this.#settings
    if (failMode === 'closed') return denied
    if (failMode === 'open') {
      const { cost } = request
      return { granted: true, id: '', home: null, start: now, cost, usedUntil: undefined }
    }
    const home = this.#ownStore()
    const reply = home.reserve(key, shareLimits(request, instances), now)
    return reply.granted ? permit(reply, request, home) : reply
  }

  #acquireWithout(key: string, limit: number, now: number): Held | Denied {
    const { failMode, instances, leaseMs } = this.#settings
    if (failMode === 'closed') return denied
    if (failMode === 'open') return { granted: true, id: '', home: null }
    const home = this.#ownStore()
    const share = Math.max(1, Math.floor(limit / instances))
    const reply = home.acquire(key, { limit: share, leaseMs }, now)
    return reply.granted ? { granted: true, id: reply.id, home } : reply
  }

  #rests(now: number): boolean {
    return now < this.#restsUntil
  }

  #ownStore(): MemoryStore {
    const { maxKeys, clock } = this.#settings
    return (this.#local ??= createMemoryStore({ maxKeys, clock }))
  }

  /**
   * One call to the store.
   *
   * @param undo gives back what comes when nobody waits for it any more
   */
  #ask<T>(
    call: () => MaybePromise<T>,
    undo?: (late: T) => MaybePromise<unknown>,
  ): MaybePromise<T | Failed> {
    const { clock, storeTimeoutMs } = this.#settings
    try {
      const reply = call()
      if (!(reply instanceof Promise)) return reply
      return inTime(reply, storeTimeoutMs, clock).catch((error: unknown) => {
        if (isTimeout(error)) {
          this.#restsUntil = clock.now() + storeTimeoutMs
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
      try {
        onStoreError?.(error)
      } catch {
        // A reporter that fails must not take the queue down with it.
      }
    }
    return failed
  }
}

function permit(
  reply: { readonly id: string; readonly start: number; readonly usedUntil: number },
  { cost }: StartRequest,
  home: LimitStore,
): Permit {
  return { granted: true, id: reply.id, home, start: reply.start, cost, usedUntil: reply.usedUntil }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'timeout'
}
