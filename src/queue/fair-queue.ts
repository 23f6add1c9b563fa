import { alarm, type Clock } from '../core/index.ts'
import { EventTeller } from './events.ts'
import {
  insertRanked,
  KeyRecord,
  keyState,
  retryDelay,
  roomMs,
  ticketFault,
  Waiter,
  type Denied,
  type Held,
  type Permit,
} from './key-state.ts'
import { checkWhole } from './limit-store.ts'
import { Lines, StartDesk } from './lines.ts'
import { laneOf, Places } from './scheduler.ts'
import { HeldSlot, Leases } from './slots.ts'
import { StoreGuard } from './store-guard.ts'
import {
  QueueRefusal,
  type Caller,
  type Queue,
  type QueueSettings,
  type QueueState,
  type RefusalWhy,
  type Slot,
  type Ticket,
} from './types.ts'

/** Sets a key's one timer for its next start, or the next try to get a lease; none when there is nothing to wait for. */
export function armKey(record: KeyRecord, clock: Clock, ring: (record: KeyRecord) => void): void {
  const now = clock.now()
  const start = record.permits[0]?.start ?? Infinity
  const blocked = record.ready.size > 0 && record.blockedUntil > now
  const at = blocked ? Math.min(start, record.blockedUntil) : start
  if (at === record.alarmAt) return
  record.stopAlarm?.()
  record.stopAlarm = undefined
  record.alarmAt = at
  if (at === Infinity) return
  record.stopAlarm = alarm(clock, at - now, () => {
    record.alarmAt = Infinity
    ring(record)
  })
}

/** Sets up what holds only for those who wait: they can give up, and they wait no longer than they wanted to. */
export function attendWaiter(
  waiter: Waiter,
  clock: Clock,
  on: { giveUp(waiter: Waiter): void; expire(waiter: Waiter): void },
): void {
  const { signal } = waiter
  const { maxWaitMs } = waiter.ticket.limits
  if (maxWaitMs < Infinity) waiter.stopAlarm = alarm(clock, maxWaitMs, () => on.expire(waiter))
  if (!signal) return
  if (signal.aborted) return on.giveUp(waiter)
  const giveUp = (): void => on.giveUp(waiter)
  signal.addEventListener('abort', giveUp, { once: true })
  waiter.stopListening = () => signal.removeEventListener('abort', giveUp)
}

/**
 * Makes as many of a key ready as starts have come. Starts of equal cost are interchangeable: the first in rank takes
 * the earliest, so that a priority counts, and whoever leaves lets the others move up.
 *
 * @param now epoch milliseconds
 */
export function ripen({ permits, pending, ready }: KeyRecord, now: number): void {
  for (let permit = permits[0]; permit && permit.start <= now; permit = permits[0]) {
    permits.shift()
    let waiter = pending.head
    while (waiter && waiter.cost !== permit.cost) waiter = waiter.after
    if (!waiter) continue
    pending.remove(waiter)
    waiter.permit = permit
    waiter.phase = 'ready'
    insertRanked(ready, waiter)
  }
}

/** How many tickets of each group are not answered yet. */
class Groups {
  readonly #waiting = new Map<string, number>()

  /** Counts a waiter until it is answered. */
  add(waiter: Waiter): void {
    const { group } = waiter.ticket
    if (group === undefined) return
    this.#waiting.set(group, (this.#waiting.get(group) ?? 0) + 1)
    waiter.leaveGroup = () => {
      const left = (this.#waiting.get(group) ?? 0) - 1
      if (left > 0) this.#waiting.set(group, left)
      else this.#waiting.delete(group)
    }
  }

  /** Tickets of a waiter's group besides itself. */
  others({ ticket: { group }, leaveGroup }: Waiter): number {
    if (group === undefined) return -1
    return (this.#waiting.get(group) ?? 0) - (leaveGroup ? 1 : 0)
  }
}

type Asked = Pick<Ticket, 'key' | 'limits' | 'bypass'>

/**
 * A ticket's way: a start time from the store, waiting for it here, a turn between the keys, a lease from the store, a
 * slot. What is answered at once is gone through at once, within `enter`; only who waits has a timer.
 */
export class FairQueue implements Queue {
  readonly #settings: QueueSettings
  readonly #guard: StoreGuard
  readonly #desk: StartDesk
  readonly #lines = new Lines()
  readonly #places: Places
  readonly #leases: Leases
  readonly #teller: EventTeller
  /** Keys with work; what is known of idle ones is the store's. */
  readonly #keys = new Map<string, KeyRecord>()
  readonly #groups = new Groups()
  #arrivals = 0

  constructor(settings: QueueSettings) {
    this.#settings = settings
    this.#guard = new StoreGuard(settings)
    this.#desk = new StartDesk(this.#guard, this.#answer)
    this.#places = new Places(settings, this.#guard, this.#lines, {
      start: this.#start,
      deny: this.#deny,
      settle: this.#settle,
    })
    this.#leases = new Leases(settings, this.#guard)
    this.#teller = new EventTeller(settings)
  }

  get totals(): Queue['totals'] {
    return {
      waiting: this.#lines.waiting + this.#desk.asking,
      running: this.#places.running,
      limit: this.#places.limit,
      keys: Math.max(this.#keys.size, this.#guard.keys(this.#settings.clock.now())),
    }
  }

  enter(ticket: Ticket, caller?: Caller): Promise<Slot> {
    const fault = ticketFault(ticket)
    if (fault) return Promise.reject(fault)
    const { clock } = this.#settings
    const waiter = new Waiter(ticket, caller, ++this.#arrivals, clock.now())
    if (typeof caller === 'object' && caller.aborted) this.#giveUp(waiter)
    else this.#admit(waiter)
    if (waiter.phase !== 'done') {
      this.#groups.add(waiter)
      attendWaiter(waiter, clock, { giveUp: this.#giveUp, expire: this.#expire })
    }
    return waiter.outcome()
  }

  async run<T>(ticket: Ticket, work: (slot: Slot) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const slot = await this.enter(ticket, signal)
    try {
      signal?.throwIfAborted()
      return await work(slot)
    } finally {
      slot.release()
    }
  }

  state(ticket: Asked): QueueState {
    return this.#stateOf(ticket, this.#keys.get(ticket.key))
  }

  setLimit(limit: number): void {
    checkWhole("The queue's limit", limit, 1)
    this.#places.limit = limit
    this.#places.dispatch()
  }

  close(): void {
    this.#places.close()
    for (const { asking, pending, ready } of this.#keys.values()) {
      for (const chain of [asking, pending, ready]) {
        while (chain.head) this.#refuse(chain.head, 'closed')
      }
    }
  }

  #stateOf({ key, limits, bypass }: Asked, record: KeyRecord | null | undefined): QueueState {
    const free = limits.intervalMs === 0 || bypass
    const usedUntil = free ? 0 : (record?.usedUntil ?? this.#guard.usedUntil(key))
    const counts = {
      usedUntil: usedUntil ?? 0,
      running: record?.running ?? 0,
      ready: record?.ready.size ?? 0,
      waiting: record ? record.waiting + record.asking.size : 0,
    }
    return keyState(limits, counts, this.#settings.clock.now())
  }

  #admit(waiter: Waiter): void {
    const { maxKeys, maxWaiting, maxWaitingPerGroup } = this.#settings
    const { key, limits, bypass } = waiter.ticket
    if (this.#places.closed) return this.#refuse(waiter, 'closed')
    this.#guard.sweepNowAndThen(waiter.cameAt)
    let record = this.#keys.get(key)
    if (!record) {
      if (this.#keys.size >= maxKeys) return this.#refuse(waiter, 'keys')
      record = new KeyRecord(key)
      this.#keys.set(key, record)
    }
    waiter.express = bypass === true && record.running + record.ready.size < limits.concurrency
    if (limits.intervalMs === 0 || bypass || waiter.cost === 0) {
      return this.#line(waiter, record, null)
    }
    // Whose start is asked for may start at once or wait: more than all of these places are never let in.
    if (record.asking.size + record.waiting >= limits.maxWaiting + limits.concurrency) {
      return this.#refuse(waiter, 'waiting', roomMs(record, waiter.cameAt))
    }
    if (this.#groups.others(waiter) >= maxWaitingPerGroup + this.#places.limit) {
      return this.#refuse(waiter, 'group')
    }
    if (this.#desk.asking + this.#lines.waiting >= maxWaiting + this.#places.limit) {
      return this.#refuse(waiter, 'total')
    }
    this.#desk.ask(waiter, record)
  }

  readonly #answer = (waiter: Waiter, record: KeyRecord, reply: Permit | Denied): void => {
    record.usedUntil = reply.usedUntil
    if (reply.granted) this.#line(waiter, record, reply)
    else this.#refuse(waiter, reply.why === 'running' ? 'waiting' : reply.why, reply.retryAfterMs)
  }

  /** Lets a waiter go on at once, or puts it into its key's line, where there is room. */
  #line(waiter: Waiter, record: KeyRecord, permit: Permit | null): void {
    const now = this.#settings.clock.now()
    const mayStart = permit === null || (permit.start <= now && record.pending.size === 0)
    if (mayStart) waiter.permit = permit
    if (mayStart && record.ready.size === 0 && this.#places.hasRoom(record, waiter.ticket, now)) {
      this.#places.go(waiter, record)
      return this.#forget(record)
    }
    if (mayStart) this.#lines.addReady(waiter, record)
    else this.#lines.addPending(waiter, record, permit)
    this.#proceed(record)
    if (waiter.phase === 'pending' || waiter.phase === 'ready') this.#letWait(waiter, record)
  }

  #letWait(waiter: Waiter, record: KeyRecord): void {
    const { maxWaiting, maxWaitMs } = waiter.ticket.limits
    if (record.waiting > maxWaiting) {
      this.#refuse(waiter, 'waiting', roomMs(record, this.#settings.clock.now()))
    } else if (this.#groups.others(waiter) >= this.#settings.maxWaitingPerGroup) {
      this.#refuse(waiter, 'group')
    } else if (this.#lines.waiting > this.#settings.maxWaiting) this.#refuse(waiter, 'total')
    else if (waiter.overdue || maxWaitMs === 0) this.#refuseLate(waiter, record)
    else this.#teller.entered(waiter, () => this.state(waiter.ticket))
  }

  /** Lets those of a key go on whose time has come. */
  readonly #proceed = (record: KeyRecord): void => {
    const { clock } = this.#settings
    const now = clock.now()
    ripen(record, now)
    this.#places.seat(record, now)
    this.#places.dispatch()
    armKey(record, clock, this.#proceed)
    this.#forget(record)
  }

  readonly #start = (waiter: Waiter, record: KeyRecord, lease: Held): void => {
    const { clock, leaseMs } = this.#settings
    const now = clock.now()
    this.#teller.entered(waiter, () => this.state(waiter.ticket))
    const state = this.#stateOf(waiter.ticket, record)
    const { pool } = waiter.ticket
    const waitMs = now - waiter.cameAt
    const given = { waitMs, state, record, lease, pool, expiresAt: now + leaseMs }
    const slot = new HeldSlot(given, waiter.caller, this.#free)
    this.#leases.add(slot)
    waiter.give(slot)
    this.#teller.started(waiter, state)
  }

  readonly #deny = (waiter: Waiter, record: KeyRecord, reply: Held | Denied): void => {
    if (reply.granted || this.#places.closed) return this.#refuse(waiter, 'closed')
    if (reply.why !== 'running') {
      return this.#refuse(waiter, reply.why === 'store' ? 'store' : 'keys', reply.retryAfterMs)
    }
    // Held by another process, which will not tell us when it is free.
    const { clock, pollMs } = this.#settings
    record.blockedUntil = clock.now() + Math.min(pollMs, Math.max(1, reply.retryAfterMs))
    this.#lines.addReady(waiter, record)
    this.#places.seat(record, clock.now())
    armKey(record, clock, this.#proceed)
    this.#letWait(waiter, record)
  }

  readonly #free = (slot: HeldSlot): void => {
    const { record } = slot
    this.#leases.remove(slot)
    this.#places.free(record, slot.pool)
    record.blockedUntil = 0
    this.#settle(record)
  }

  /** After something has ended: whoever waits goes on, and a key without work is let go. */
  readonly #settle = (record: KeyRecord): void => {
    if (record.waiting > 0) return this.#proceed(record)
    // Out of the round robin: an empty key there would be given the next slot, and others would wait for nothing.
    this.#places.seat(record, this.#settings.clock.now())
    this.#places.dispatch()
    this.#forget(record)
  }

  #forget(record: KeyRecord): void {
    if (!record.isIdle || this.#keys.get(record.key) !== record) return
    record.stopAlarm?.()
    this.#keys.delete(record.key)
  }

  readonly #expire = (waiter: Waiter): void => {
    // Its start may have come in this very moment. And while the store is asked, its answer decides.
    const record = this.#keys.get(waiter.ticket.key)
    if (record) this.#proceed(record)
    waiter.overdue = true
    if (record && (waiter.phase === 'pending' || waiter.phase === 'ready')) {
      this.#refuseLate(waiter, record)
    }
  }

  /** A key that could start but for the queue's slots has not reached a limit of its own. */
  #refuseLate(waiter: Waiter, record: KeyRecord): void {
    const couldStart =
      waiter.phase === 'ready' && laneOf(record, this.#settings.clock.now()) !== null
    this.#refuse(waiter, couldStart ? 'slots' : 'wait')
  }

  readonly #giveUp = (waiter: Waiter): void => {
    this.#leave(waiter)
    waiter.fail(waiter.signal?.reason)
    this.#teller.aborted(waiter, () => this.state(waiter.ticket))
  }

  #refuse(waiter: Waiter, why: RefusalWhy, room?: number): void {
    this.#leave(waiter)
    const state = this.state(waiter.ticket)
    const refusal = new QueueRefusal(why, retryDelay(room, state), state)
    waiter.fail(refusal)
    this.#teller.refused(waiter, refusal)
  }

  /** Takes a waiter out of wherever it stands, at once; an answer of the store that comes later is given back. */
  #leave(waiter: Waiter): void {
    const { phase } = waiter
    const record = this.#keys.get(waiter.ticket.key)
    if (record && phase === 'asking') this.#desk.remove(waiter, record)
    else if (record && (phase === 'pending' || phase === 'ready')) {
      const permit = this.#lines.leave(waiter, record)
      if (permit) {
        this.#guard.cancel(permit)
        record.usedUntil = this.#guard.usedUntil(record.key) ?? record.usedUntil
      }
    }
    waiter.phase = 'done'
    // With its lease under way it leaves a place behind, which is given on when the answer is here.
    if (record && phase === 'leasing') this.#forget(record)
    else if (record) this.#settle(record)
  }
}
