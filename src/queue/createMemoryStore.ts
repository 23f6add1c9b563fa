import { systemClock } from '../core/systemClock.ts'
import { checkWhole } from './checkWhole.ts'
import { idleLife } from './idleLife.ts'
import { KeyShelf } from './KeyShelf.ts'
import type { MemoryStore } from './MemoryStore.ts'
import type { MemoryStoreOptions } from './MemoryStoreOptions.ts'
import { nextStart } from './nextStart.ts'
import type { Refused } from './Refused.ts'

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
