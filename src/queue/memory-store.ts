// The limit store of one process: rate limits by GCRA and leases, in memory.
import { type Clock, systemClock } from '../core/index.ts'
import { LinkedList, type Linked } from './linked-list.ts'
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

/** A limit store in this process. It answers at once. */
export interface MemoryStore extends LimitStore {
  reserve(key: string, request: StartRequest, now: number): Reserved | Refused
  cancel(reservationId: string): void
  acquire(key: string, request: LeaseRequest, now: number): Lease | Refused
  renew(leaseId: string, leaseMs: number): boolean
  release(leaseId: string): void
  stats(key: string): KeyStats
  sweep(now: number): number
}

/** Options of a memory store. */
export interface MemoryStoreOptions {
  /** Most keys; beyond, the least recently used one without work is removed. Default: 10 000. */
  readonly maxKeys?: number
  readonly clock?: Clock
}

/**
 * Counts limits in this process. Idle keys are removed after two intervals or five minutes, whichever is later, during
 * later calls: there is no timer.
 *
 * @param options every field has a default
 * @throws FerryError `configuration` when `maxKeys` is not a whole number above 0
 * @example const queue = createQueue({ store: createMemoryStore({ maxKeys: 1000 }) })
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxKeys = 10_000, clock = systemClock } = options
  checkWhole("The memory store's maxKeys", maxKeys, 1)
  const table = new KeyTable(maxKeys)
  let count = 0

  return {
    capabilities: { atomic: true, distributed: false, strong: true, minTtlMs: 0 },

    reserve: (key, request, now) => {
      const entry = table.open(key, idleLife(request.intervalMs), now)
      if (!entry) return tooManyKeys
      const { tat: usedUntil } = entry
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
      const number = ++count
      const { start, tat } = next
      entry.tat = tat
      entry.booked = [...booked, { number, start, tatBefore: usedUntil, tatAfter: tat }]
      return { granted: true, id: `${number} ${key}`, start, usedUntil: tat }
    },

    cancel: (reservationId) => {
      const [number, entry] = find(table, reservationId)
      const booking = entry?.booked.find((each) => each.number === number)
      if (!entry || !booking) return
      entry.booked = entry.booked.filter((each) => each !== booking)
      if (entry.tat === booking.tatAfter) entry.tat = booking.tatBefore
    },

    acquire: (key, { limit, leaseMs }, now) => {
      const entry = table.open(key, undefined, now)
      if (!entry) return tooManyKeys
      // Expired leases are removed only when a lease is needed: until then they can still be renewed.
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
      const [number, entry] = find(table, leaseId)
      const lease = entry?.leases.find((each) => each.number === number)
      if (!lease) return false
      lease.expiresAt = clock.now() + leaseMs
      return true
    },

    release: (leaseId) => {
      const [number, entry] = find(table, leaseId)
      if (entry) entry.leases = entry.leases.filter((each) => each.number !== number)
    },

    stats: (key) => {
      const entry = table.get(key)
      if (!entry) return { usedUntil: 0, waiting: 0, running: 0 }
      const now = clock.now()
      return {
        usedUntil: entry.tat,
        waiting: entry.booked.filter(({ start }) => start > now).length,
        running: entry.leases.filter(({ expiresAt }) => expiresAt > now).length,
      }
    },

    sweep: (now) => {
      table.sweep(now)
      return table.size
    },
  }
}

/** The time until a key is free is unknown: it depends on the end of running work. */
const tooManyKeys: Refused = { granted: false, why: 'keys', retryAfterMs: 1000 }

/** An id is a number, a blank and the key, so no second table of ids is needed. */
function find(table: KeyTable, id: string): [number, ReturnType<KeyTable['get']>] {
  const blank = id.indexOf(' ')
  return [Number(id.slice(0, blank)), table.get(id.slice(blank + 1))]
}

/**
 * Milliseconds that an idle key is kept: two intervals or five minutes, whichever is later.
 *
 * @param intervalMs milliseconds
 */
export function idleLife(intervalMs: number): number {
  return Math.max(2 * intervalMs, 300_000)
}

/** Whether the key has leases or reserved starts ahead. */
function hasWork({ booked, leases }: StoreEntry, now: number): boolean {
  return leases.some(({ expiresAt }) => expiresAt > now) || booked.some(({ start }) => start > now)
}

const none = [] as const

/**
 * The keys of the memory store, never more than a bound. There is one list for each time that keys may be idle, in
 * order of last use. Keys that are idle for too long are at its head, so removing them takes constant time per key and
 * no timer.
 */
class KeyTable {
  readonly #entries = new Map<string, StoreEntry>()
  readonly #lists = new Map<number, LinkedList<StoreEntry>>()
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
   * Finds or makes the entry of a key.
   *
   * @param life milliseconds for which it is kept when idle; undefined: unchanged
   * @param now epoch milliseconds
   * @returns undefined when the table is full and all keys have work
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
      tat: 0,
      booked: none,
      leases: none,
      previous: null,
      next: null,
    }
    this.#entries.set(key, entry)
    this.#list(entry.life).insert(entry, null)
    return entry
  }

  /** Removes keys that were idle for their whole life and whose quota is unused. */
  sweep(now: number): void {
    for (const [life, list] of this.#lists) {
      for (let head = list.head; head && head.touchedAt + life <= now; head = list.head) {
        if (head.tat > now || hasWork(head, now)) this.#touch(head, life, now)
        else this.#forget(head)
      }
    }
  }

  /** Removes the least recently used key without work. */
  #evict(now: number): boolean {
    for (let tries = this.#entries.size; tries > 0; tries--) {
      let oldest: StoreEntry | null = null
      for (const { head } of this.#lists.values()) {
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
    if (life === entry.life) return this.#list(life).moveToEnd(entry)
    this.#list(entry.life).remove(entry)
    entry.life = life
    this.#list(life).insert(entry, null)
  }

  #forget(entry: StoreEntry): void {
    this.#entries.delete(entry.key)
    this.#list(entry.life).remove(entry)
  }

  #list(life: number): LinkedList<StoreEntry> {
    const known = this.#lists.get(life)
    if (known) return known
    const list = new LinkedList<StoreEntry>()
    this.#lists.set(life, list)
    return list
  }
}

/**
 * The next start of a key, and its theoretical arrival time afterwards: the generic cell rate algorithm in its
 * virtual-scheduling form (ITU-T I.371, annex A), with a burst of one interval's starts.
 *
 * @param tat theoretical arrival time so far, epoch milliseconds
 * @param now epoch milliseconds
 */
export function nextStart(
  tat: number,
  request: Pick<StartRequest, 'intervalMs' | 'perInterval' | 'cost'>,
  now: number,
): { start: number; tat: number } {
  const step = request.intervalMs / request.perInterval
  // Whole milliseconds: fractions such as a third do not add up exactly, and the rounding error must not delay a start.
  const allowed = Math.floor(tat - (request.perInterval - 1) * step + 0.01)
  return { start: Math.max(now, allowed), tat: Math.max(now, tat) + request.cost * step }
}

/**
 * One key of the memory store. Times are epoch milliseconds. Its arrays are replaced, not changed: engines over-allocate
 * an array that grows, and there are thousands of keys with one item each.
 */
export interface StoreEntry extends Linked<StoreEntry> {
  readonly key: string
  /** Milliseconds for which it is kept when idle. */
  life: number
  touchedAt: number
  /** Theoretical arrival time (GCRA): starts are reserved up to here. */
  tat: number
  /** Starts ahead, and the last one, in the order of their reservation. */
  booked: readonly {
    readonly number: number
    readonly start: number
    readonly tatBefore: number
    readonly tatAfter: number
  }[]
  leases: readonly { readonly number: number; expiresAt: number }[]
}
