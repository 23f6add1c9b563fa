// The waiting tickets of each key, in order of priority, and their reservations.
import { alarm, type Clock } from '../core/index.ts'
import { retryHint } from './queue.ts'
import { LinkedList, type Linked } from './linked-list.ts'
import { ranksBefore, type Waiter } from './waiter.ts'
import type { Reservation, FailoverStore, StoreRefusal } from './failover-store.ts'
import type { MaybePromise } from './limit-store.ts'

/** The waiting lists of all keys that have work. The state of idle keys is in the limit store. */
export class WaitQueues {
  readonly #keys = new Map<string, KeyQueue>()
  readonly #groups = new Map<string, number>()
  #waiting = 0

  /** Keys with work. */
  get size(): number {
    return this.#keys.size
  }

  /** Tickets of all keys that wait for a start or a slot. */
  get waiting(): number {
    return this.#waiting
  }

  get(key: string): KeyQueue | undefined {
    return this.#keys.get(key)
  }

  /** @param key without a queue */
  open(key: string): KeyQueue {
    const queue = new KeyQueue(key)
    this.#keys.set(key, queue)
    return queue
  }

  /** Forgets a key that has no work left. */
  closeIdle(queue: KeyQueue): void {
    if (!queue.isIdle || this.#keys.get(queue.key) !== queue) return
    queue.stopAlarm()
    this.#keys.delete(queue.key)
  }

  values(): MapIterator<KeyQueue> {
    return this.#keys.values()
  }

  /** Adds a ticket whose start comes later. */
  addPending(waiter: Waiter, queue: KeyQueue, reservation: Reservation): void {
    waiter.phase = 'pending'
    insertRanked(queue.pending, waiter)
    insertReservation(queue.reservations, reservation)
    this.#waiting++
  }

  /** Adds a ticket that waits for a slot only. */
  addReady(waiter: Waiter, queue: KeyQueue): void {
    waiter.phase = 'ready'
    insertRanked(queue.ready, waiter)
    this.#waiting++
  }

  /** Removes the ticket that gets the next slot of its key. */
  takeReady(queue: KeyQueue): Waiter | null {
    const waiter = queue.ready.head
    if (waiter) this.#remove(waiter, queue, 'ready')
    return waiter
  }

  /**
   * Removes a ticket that no longer waits. The tickets behind it move up, so the last reservation of the same cost
   * becomes unused: most likely the one that the store can refund.
   *
   * @returns the unused reservation; null when there is none
   */
  leave(waiter: Waiter, queue: KeyQueue): Reservation | null {
    if (waiter.phase === 'ready') {
      this.#remove(waiter, queue, 'ready')
      return waiter.reservation
    }
    this.#remove(waiter, queue, 'pending')
    const last = queue.reservations.findLastIndex(({ cost }) => cost === waiter.cost)
    return queue.reservations.splice(last, 1)[0] ?? null
  }

  /** Counts a ticket for its group until it is answered. */
  countGroup(waiter: Waiter): void {
    const { group } = waiter.ticket
    if (group === undefined) return
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1)
    waiter.leaveGroup = () => {
      const left = (this.#groups.get(group) ?? 0) - 1
      if (left > 0) this.#groups.set(group, left)
      else this.#groups.delete(group)
    }
  }

  /** Whether the other unanswered tickets of the ticket's group are as many as `limit`. */
  isGroupFull({ ticket: { group }, leaveGroup }: Waiter, limit: number): boolean {
    if (group === undefined) return false
    return (this.#groups.get(group) ?? 0) - (leaveGroup ? 1 : 0) >= limit
  }

  #remove(waiter: Waiter, queue: KeyQueue, phase: 'pending' | 'ready'): void {
    queue[phase].remove(waiter)
    waiter.phase = 'new'
    this.#waiting--
  }
}

/** Which round robin a key waits in: `express` when its next ticket bypasses the others, else `turns`. */
export type Lane = 'express' | 'turns'

/** One key with waiting or running tickets. Times are epoch milliseconds. */
export class KeyQueue implements Linked<KeyQueue> {
  previous: KeyQueue | null = null
  next: KeyQueue | null = null
  readonly key: string
  /** Running tickets, and those whose lease is being acquired. */
  running = 0
  /** Tickets whose reservation is not answered, in the order of the questions. */
  readonly reserving: LinkedList<Waiter> = new LinkedList()
  /** Tickets whose start lies ahead, by rank; {@link reservations} holds one of the same cost for each. */
  readonly pending: LinkedList<Waiter> = new LinkedList()
  /** By start. Those of equal cost are interchangeable between the pending tickets. */
  readonly reservations: Reservation[] = []
  /** Tickets that wait for a slot, by rank. */
  readonly ready: LinkedList<Waiter> = new LinkedList()
  /** Theoretical arrival time as the store reported it last; undefined: unknown. */
  tat: number | undefined
  /** Until then no lease is requested: other processes hold them all. */
  blockedUntil = 0
  /** Set by the round robin, which also owns the next three fields; null: no ticket could start. */
  lane: Lane | null = null
  /** Pool of the ticket that is next. */
  pool: string | undefined
  /** Order in the round robin, across pools. */
  position = 0
  /** Starts left in the current turn. */
  turnsLeft = 0
  #alarmAt = Infinity
  #stopAlarm: (() => void) | undefined

  constructor(key: string) {
    this.key = key
  }

  get waiting(): number {
    return this.pending.size + this.ready.size
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting === 0 && this.reserving.size === 0
  }

  /** See {@link retryHint}. */
  retryHint(now: number): number | undefined {
    return retryHint(this.reservations[0]?.start, this.ready.size, now)
  }

  /** Sets the key's only timer: for its next start, or for the next try to get a lease. */
  setAlarm(clock: Clock, ring: (queue: KeyQueue) => void): void {
    const now = clock.now()
    const start = this.reservations[0]?.start ?? Infinity
    const blocked = this.ready.size > 0 && this.blockedUntil > now
    const at = blocked ? Math.min(start, this.blockedUntil) : start
    if (at === this.#alarmAt) return
    this.stopAlarm()
    this.#alarmAt = at
    if (at === Infinity) return
    this.#stopAlarm = alarm(clock, at - now, () => {
      this.#alarmAt = Infinity
      ring(this)
    })
  }

  stopAlarm(): void {
    this.#stopAlarm?.()
    this.#stopAlarm = undefined
    this.#alarmAt = Infinity
  }
}

/**
 * Makes as many pending tickets ready as starts have come. The first in rank takes the earliest start of its cost, so
 * that priorities count and tickets move up when another one leaves.
 *
 * @param now epoch milliseconds
 */
export function promoteReady({ reservations, pending, ready }: KeyQueue, now: number): void {
  for (let next = reservations[0]; next && next.start <= now; next = reservations[0]) {
    reservations.shift()
    let waiter = pending.head
    while (waiter && waiter.cost !== next.cost) waiter = waiter.next
    if (!waiter) continue
    pending.remove(waiter)
    waiter.reservation = next
    waiter.phase = 'ready'
    insertRanked(ready, waiter)
  }
}

/** Searches from the end: a ticket without priority costs one comparison. */
function insertRanked(list: LinkedList<Waiter>, waiter: Waiter): void {
  let next: Waiter | null = null
  for (let each = list.tail; each && ranksBefore(waiter, each); each = each.previous) next = each
  list.insert(waiter, next)
}

function insertReservation(reservations: Reservation[], reservation: Reservation): void {
  const index = reservations.findLastIndex(({ start }) => start <= reservation.start)
  reservations.splice(index + 1, 0, reservation)
}

type OnReply = (waiter: Waiter, queue: KeyQueue, reply: Reservation | StoreRefusal) => void

/**
 * Reserves start times in the store. Several calls for one key may be pending at once. Answers are delivered in the
 * order of the calls, so a network that reorders them does not change the order of service.
 */
export class Reservations {
  readonly #store: FailoverStore
  readonly #onReply: OnReply
  #waiting = 0

  constructor(store: FailoverStore, onReply: OnReply) {
    this.#store = store
    this.#onReply = onReply
  }

  /** Tickets of all keys that wait for an answer. */
  get waiting(): number {
    return this.#waiting
  }

  /** Asks for a start. When the store answers synchronously, the ticket is handled within this call. */
  reserve(waiter: Waiter, queue: KeyQueue): void {
    const { intervalMs, concurrency, maxWaiting, maxWaitMs } = waiter.ticket.limits
    const { cost } = waiter
    const reply = this.#store.reserve(
      queue.key,
      { intervalMs, perInterval: concurrency, maxQueue: maxWaiting, maxWaitMs, cost },
      waiter.arrivedAt,
    )
    if (!(reply instanceof Promise) && queue.reserving.size === 0) {
      return this.#onReply(waiter, queue, reply)
    }
    waiter.phase = 'reserving'
    queue.reserving.insert(waiter, null)
    this.#waiting++
    void this.#deliver(waiter, queue, reply)
  }

  /** Removes a ticket that waits for an answer; a start that was or will be reserved for it is cancelled. */
  leave(waiter: Waiter, queue: KeyQueue): void {
    this.#remove(waiter, queue)
    if (waiter.reply?.granted) this.#store.cancel(waiter.reply)
    this.#drain(queue)
  }

  async #deliver(
    waiter: Waiter,
    queue: KeyQueue,
    pending: MaybePromise<Reservation | StoreRefusal>,
  ): Promise<void> {
    const reply = await pending
    waiter.reply = reply
    if (waiter.phase === 'reserving') this.#drain(queue)
    else if (reply.granted) this.#store.cancel(reply)
  }

  #drain(queue: KeyQueue): void {
    for (let head = queue.reserving.head; head?.reply; head = queue.reserving.head) {
      this.#remove(head, queue)
      this.#onReply(head, queue, head.reply)
    }
  }

  #remove(waiter: Waiter, queue: KeyQueue): void {
    queue.reserving.remove(waiter)
    waiter.phase = 'new'
    this.#waiting--
  }
}
