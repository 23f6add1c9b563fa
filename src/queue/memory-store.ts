import { type Clock, systemClock } from '../core/index.ts'
import { Chain, type Linked } from './chain.ts'
import {
  checkWhole,
  type KeyStats,
  type Lease,
  type LeaseRequest,
  type LimitStore,
  type Refused,
  type Reserved,
  type StartRequest,
} from './limit-store.ts'

/** A limit store in this process: it answers at once. */
export interface MemoryStore extends LimitStore {
  reserve(key: string, request: StartRequest, now: number): Reserved | Refused
  cancel(reservationId: string): void
  acquire(key: string, request: LeaseRequest, now: number): Lease | Refused
  renew(leaseId: string, leaseMs: number): boolean
  release(leaseId: string): void
  stats(key: string): KeyStats
  sweep(now: number): number
}

/** How much a memory store keeps. */
export interface MemoryStoreOptions {
  /** Keys at most; the least recently used one without work goes first. Default: 10 000. */
  readonly maxKeys?: number
  readonly clock?: Clock
}

/**
 * Milliseconds that an idle key is remembered: two intervals or five minutes, whichever is later.
 *
 * @param intervalMs milliseconds
 */
export function idleLife(intervalMs: number): number {
  return Math.max(2 * intervalMs, 300_000)
}

/** Whether somebody of this key runs, or has a start ahead. */
export function hasWork({ booked, leases }: StoreEntry, now: number): boolean {
  return leases.some(({ expiresAt }) => expiresAt > now) || booked.some(({ start }) => start > now)
}

const none = [] as const

/**
 * The memory store's keys, never more than a bound. Per length of life there is one chain in order of last use, so
 * that whoever is idle for too long is found at its head: forgetting costs constant time per key, and no timer.
 */
export class KeyShelf {
  readonly #entries = new Map<string, StoreEntry>()
  readonly #chains = new Map<number, Chain<StoreEntry>>()
  readonly #maxKeys: number

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): StoreEntry | undefined {
    return this.#entries.get(key)
  }

  /**
   * The entry of a key, made if need be.
   *
   * @param life milliseconds that it is remembered when idle; undefined: as before
   * @param now epoch milliseconds
   * @returns undefined when there are as many keys as there may be, and all have work
   */
  open(key: string, life: number | undefined, now: number): StoreEntry | undefined {
    const known = this.#entries.get(key)
    if (known) {
      this.#touch(known, life ?? known.life, now)
      return known
    }
    this.sweep(now)
    if (this.#entries.size >= this.#maxKeys && !this.#evict(now)) return undefined
    const entry: StoreEntry = {
      key,
      life: life ?? 300_000,
      touchedAt: now,
      usedUntil: 0,
      booked: none,
      leases: none,
      before: null,
      after: null,
    }
    this.#entries.set(key, entry)
    this.#chain(entry.life).insert(entry, null)
    return entry
  }

  /** Forgets keys that are idle for as long as they are remembered, and whose quota is whole again. */
  sweep(now: number): void {
    for (const [life, chain] of this.#chains) {
      for (let head = chain.head; head && head.touchedAt + life <= now; head = chain.head) {
        if (head.usedUntil > now || hasWork(head, now)) this.#touch(head, life, now)
        else this.#forget(head)
      }
    }
  }

  /** Forgets the least recently used key without work. */
  #evict(now: number): boolean {
    for (let tries = this.#entries.size; tries > 0; tries--) {
      let oldest: StoreEntry | null = null
      for (const { head } of this.#chains.values()) {
        if (head && (!oldest || head.touchedAt < oldest.touchedAt)) oldest = head
      }
      if (!oldest) return false
      if (!hasWork(oldest, now)) {
        this.#forget(oldest)
        return true
      }
      this.#touch(oldest, oldest.life, now)
    }
    return false
  }

  #touch(entry: StoreEntry, life: number, now: number): void {
    entry.touchedAt = now
    if (life === entry.life) return this.#chain(life).moveToEnd(entry)
    this.#chain(entry.life).remove(entry)
    entry.life = life
    this.#chain(life).insert(entry, null)
  }

  #forget(entry: StoreEntry): void {
    this.#entries.delete(entry.key)
    this.#chain(entry.life).remove(entry)
  }

  #chain(life: number): Chain<StoreEntry> {
    const known = this.#chains.get(life)
    if (known) return known
    const chain = new Chain<StoreEntry>()
    this.#chains.set(life, chain)
    return chain
  }
}

/**
 * When the next start may be, and up to where the quota is used then: the generic cell rate algorithm in its
 * virtual-scheduling form (ITU-T I.371, annex A), with a burst of one interval's starts.
 *
 * @param usedUntil epoch milliseconds up to which starts are handed out already
 * @param now epoch milliseconds
 */
export function nextStart(
  usedUntil: number,
  request: Pick<StartRequest, 'intervalMs' | 'perInterval' | 'cost'>,
  now: number,
): { start: number; usedUntil: number } {
  const step = request.intervalMs / request.perInterval
  // Whole milliseconds: thirds of a second do not add up exactly, and nobody should wait for the rounding error.
  const allowed = Math.floor(usedUntil - (request.perInterval - 1) * step + 0.01)
  return {
    start: Math.max(now, allowed),
    usedUntil: Math.max(now, usedUntil) + request.cost * step,
  }
}

/**
 * Counts limits in this process. Idle keys are forgotten after two intervals or five minutes, whichever is later;
 * that happens during calls, there is no timer.
 *
 * @throws FerryError `configuration` when `maxKeys` is no whole number above 0
 * @example const queue = createQueue({ store: createMemoryStore({ maxKeys: 1000 }) })
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxKeys = 10_000, clock = systemClock } = options
  checkWhole("The memory store's maxKeys", maxKeys, 1)
  const shelf = new KeyShelf(maxKeys)
  let count = 0

  return {
    capabilities: { atomic: true, distributed: false, strong: true, minTtlMs: 0 },

    reserve: (key, request, now) => {
      const entry = shelf.open(key, idleLife(request.intervalMs), now)
      if (!entry) return fullOfWork
      const { usedUntil } = entry
      const next = nextStart(usedUntil, request, now)
      const booked = entry.booked.filter(({ start }) => start > now)
      if (next.start - now > request.maxWaitMs) {
        const retryAfterMs = next.start - request.maxWaitMs - now
        return { granted: false, why: 'wait', retryAfterMs, usedUntil }
      }
      if (next.start > now && booked.length >= request.maxQueue) {
        const first = booked.reduce((least, each) => Math.min(least, each.start), next.start)
        return { granted: false, why: 'waiting', retryAfterMs: first - now, usedUntil }
      }
      entry.usedUntil = next.usedUntil
      const number = ++count
      const booking = { number, start: next.start, usedBefore: usedUntil }
      entry.booked = [...booked, { ...booking, usedAfter: next.usedUntil }]
      return { granted: true, id: `${number} ${key}`, ...next }
    },

    cancel: (reservationId) => {
      const [number, entry] = find(shelf, reservationId)
      const booking = entry?.booked.find((each) => each.number === number)
      if (!entry || !booking) return
      entry.booked = entry.booked.filter((each) => each !== booking)
      if (entry.usedUntil === booking.usedAfter) entry.usedUntil = booking.usedBefore
    },

    acquire: (key, { limit, leaseMs }, now) => {
      const entry = shelf.open(key, undefined, now)
      if (!entry) return fullOfWork
      // Only when room is needed: a lease that nobody wanted in the meantime can still be renewed.
      if (entry.leases.length >= limit) {
        entry.leases = entry.leases.filter(({ expiresAt }) => expiresAt > now)
      }
      if (entry.leases.length >= limit) {
        const first = entry.leases.reduce(
          (least, each) => Math.min(least, each.expiresAt),
          Infinity,
        )
        return { granted: false, why: 'running', retryAfterMs: first - now }
      }
      const number = ++count
      entry.leases = [...entry.leases, { number, expiresAt: now + leaseMs }]
      return { granted: true, id: `${number} ${key}` }
    },

    renew: (leaseId, leaseMs) => {
      const [number, entry] = find(shelf, leaseId)
      const lease = entry?.leases.find((each) => each.number === number)
      if (!lease) return false
      lease.expiresAt = clock.now() + leaseMs
      return true
    },

    release: (leaseId) => {
      const [number, entry] = find(shelf, leaseId)
      if (entry) entry.leases = entry.leases.filter((each) => each.number !== number)
    },

    stats: (key) => {
      const entry = shelf.get(key)
      if (!entry) return { usedUntil: 0, waiting: 0, running: 0 }
      const now = clock.now()
      return {
        usedUntil: entry.usedUntil,
        waiting: entry.booked.filter(({ start }) => start > now).length,
        running: entry.leases.filter(({ expiresAt }) => expiresAt > now).length,
      }
    },

    sweep: (now) => {
      shelf.sweep(now)
      return shelf.size
    },
  }
}

/** Nobody knows when work ends; a second is a polite time to ask again. */
const fullOfWork: Refused = { granted: false, why: 'keys', retryAfterMs: 1000 }

/** Ids are a number, a blank and the key: no second table of ids has to be kept small. */
function find(shelf: KeyShelf, id: string): [number, ReturnType<KeyShelf['get']>] {
  const blank = id.indexOf(' ')
  return [Number(id.slice(0, blank)), shelf.get(id.slice(blank + 1))]
}

/**
 * What the memory store keeps of a key. Times are epoch milliseconds. Its lists are replaced, not changed: engines give
 * a list that grows room for many more, and there are thousands of keys with one item each.
 */
export interface StoreEntry extends Linked<StoreEntry> {
  readonly key: string
  /** Milliseconds that it is remembered when idle. */
  life: number
  touchedAt: number
  usedUntil: number
  /** Starts handed out that have not come yet, and the last one; in the order in which they were handed out. */
  booked: readonly {
    readonly number: number
    readonly start: number
    readonly usedBefore: number
    readonly usedAfter: number
  }[]
  leases: readonly { readonly number: number; expiresAt: number }[]
}
