// The queue itself: admits tickets, gives out slots and closes. Start here; the other modules are its parts:
// wait-queues.ts (who waits, by key), slot-scheduler.ts (who is next), failover-store.ts (the limit store), leases.ts.
import { tell } from '../core/index.ts'
import {
  FailoverStore,
  type HeldLease,
  type Reservation,
  type StoreRefusal,
} from './failover-store.ts'
import {
  keyState,
  retryAfterDelay,
  QueueRefusal,
  type Caller,
  type Queue,
  type QueueEvent,
  type QueueState,
  type RefusalWhy,
  type Slot,
  type Ticket,
} from './queue.ts'
import { ActiveSlot, Leases } from './leases.ts'
import { checkWhole } from './limit-store.ts'
import { resolveOptions, type QueueOptions, type QueueSettings } from './options.ts'
import { Reservations, promoteReady, WaitQueues, type KeyQueue } from './wait-queues.ts'
import { laneOf, SlotScheduler } from './slot-scheduler.ts'
import { ticketFault, Waiter } from './waiter.ts'

/**
 * Makes a queue that is fair between keys. A key starts no faster, and runs no more tickets at once, than its limits
 * say. Keys that wait for the same slots take turns by weight. Within a key: by priority, then first come, first
 * served.
 *
 * An idle queue has no timers.
 *
 * @param options every field has a default
 * @throws FerryError `configuration`, naming the wrong option; also for a store that is not atomic
 * @example
 * const queue = createQueue({ limit: 32 })
 * const limits = { intervalMs: 6000, concurrency: 1, maxWaiting: 5, maxWaitMs: 60_000, weight: 1 }
 * await queue.run({ key: 'ip:203.0.113.7', limits }, ({ signal }) => fetch(url, { signal }), signal)
 */
export function createQueue(options: QueueOptions = {}): Queue {
  return new FairQueue(resolveOptions(options))
}

/**
 * Admission of tickets. A ticket goes through these steps: a start is reserved in the store (`Reservations`); it waits
 * for the start and for a slot (`WaitQueues`); the round robin reaches its key and a lease is acquired
 * (`SlotScheduler`); the slot is in use and its lease renewed (`Leases`). Steps that need no waiting are done within
 * `enter`; only waiting tickets have timers.
 */
class FairQueue implements Queue {
  readonly #settings: QueueSettings
  readonly #store: FailoverStore
  readonly #reservations: Reservations
  readonly #queues = new WaitQueues()
  readonly #scheduler: SlotScheduler
  readonly #leases: Leases
  #arrivals = 0

  constructor(settings: QueueSettings) {
    this.#settings = settings
    this.#store = new FailoverStore(settings)
    this.#reservations = new Reservations(this.#store, this.#onReply)
    this.#scheduler = new SlotScheduler(settings, this.#store, this.#queues, {
      onStart: this.#onStart,
      onDenied: this.#onDenied,
      onSettled: this.#afterEnd,
    })
    this.#leases = new Leases(settings, this.#store)
  }

  enter(ticket: Ticket, caller?: Caller): Promise<Slot> {
    const fault = ticketFault(ticket)
    if (fault) return Promise.reject(fault)
    const { clock } = this.#settings
    const waiter = new Waiter(ticket, caller, ++this.#arrivals, clock.now())
    if (typeof caller === 'object' && caller.aborted) this.#abort(waiter)
    else this.#admit(waiter)
    if (waiter.phase !== 'done') {
      this.#queues.countGroup(waiter)
      waiter.watch(clock, { abort: this.#abort, expire: this.#expire })
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

  state(ticket: Pick<Ticket, 'key' | 'limits' | 'bypass'>): QueueState {
    return this.#stateOf(ticket, this.#queues.get(ticket.key))
  }

  get totals(): Queue['totals'] {
    return {
      waiting: this.#queues.waiting + this.#reservations.waiting,
      running: this.#scheduler.running,
      limit: this.#scheduler.limit,
      keys: Math.max(this.#queues.size, this.#store.keys(this.#settings.clock.now())),
    }
  }

  setLimit(limit: number): void {
    checkWhole("The queue's limit", limit, 1)
    this.#scheduler.limit = limit
    this.#scheduler.dispatch()
  }

  close(): void {
    this.#scheduler.close()
    for (const { reserving, pending, ready } of this.#queues.values()) {
      for (const list of [reserving, pending, ready]) {
        while (list.head) this.#refuse(list.head, 'closed')
      }
    }
  }

  #admit(waiter: Waiter): void {
    const { maxKeys, maxWaiting, maxWaitingPerGroup } = this.#settings
    const { key, limits, bypass } = waiter.ticket
    if (this.#scheduler.closed) return this.#refuse(waiter, 'closed')
    this.#store.sweepSometimes(waiter.arrivedAt)
    let queue = this.#queues.get(key)
    if (!queue) {
      if (this.#queues.size >= maxKeys) return this.#refuse(waiter, 'keys')
      queue = this.#queues.open(key)
    }
    waiter.express = bypass === true && queue.running + queue.ready.size < limits.concurrency
    if (limits.intervalMs === 0 || bypass || waiter.cost === 0) {
      return this.#startOrWait(waiter, queue, null)
    }
    // The reservation tells whether a ticket starts at once or waits; so both bounds limit the calls of the store.
    if (queue.reserving.size + queue.waiting >= limits.maxWaiting + limits.concurrency) {
      return this.#refuse(waiter, 'waiting', queue.retryHint(waiter.arrivedAt))
    }
    const { limit } = this.#scheduler
    if (this.#queues.isGroupFull(waiter, maxWaitingPerGroup + limit)) {
      return this.#refuse(waiter, 'group')
    }
    if (this.#reservations.waiting + this.#queues.waiting >= maxWaiting + limit) {
      return this.#refuse(waiter, 'total')
    }
    this.#reservations.reserve(waiter, queue)
  }

  readonly #onReply = (
    waiter: Waiter,
    queue: KeyQueue,
    reply: Reservation | StoreRefusal,
  ): void => {
    if (reply.granted) {
      queue.tat = reply.tat
      this.#startOrWait(waiter, queue, reply)
    } else {
      queue.tat = reply.usedUntil
      this.#refuse(waiter, reply.why === 'running' ? 'waiting' : reply.why, reply.retryAfterMs)
    }
  }

  #startOrWait(waiter: Waiter, queue: KeyQueue, reservation: Reservation | null): void {
    const now = this.#settings.clock.now()
    if (!reservation || (reservation.start <= now && queue.pending.size === 0)) {
      waiter.reservation = reservation
      if (queue.ready.size === 0 && this.#scheduler.canStart(queue, waiter.ticket, now)) {
        this.#scheduler.start(waiter, queue)
        return this.#queues.closeIdle(queue)
      }
      this.#queues.addReady(waiter, queue)
    } else this.#queues.addPending(waiter, queue, reservation)
    this.#advance(queue)
    if (waiter.isWaiting) this.#keepWaiting(waiter, queue)
  }

  /** Refuses a ticket that has to wait when a bound of the waiting room is exceeded. */
  #keepWaiting(waiter: Waiter, queue: KeyQueue): void {
    const { maxWaiting, maxWaitMs } = waiter.ticket.limits
    const bounds = this.#settings
    if (queue.waiting > maxWaiting) {
      this.#refuse(waiter, 'waiting', queue.retryHint(bounds.clock.now()))
    } else if (this.#queues.isGroupFull(waiter, bounds.maxWaitingPerGroup)) {
      this.#refuse(waiter, 'group')
    } else if (this.#queues.waiting > bounds.maxWaiting) this.#refuse(waiter, 'total')
    else if (waiter.overdue || maxWaitMs === 0) this.#refuseOverdue(waiter, queue)
    else this.#announce(waiter)
  }

  /** Moves a key on after time passed or its tickets changed. */
  readonly #advance = (queue: KeyQueue): void => {
    const { clock } = this.#settings
    const now = clock.now()
    promoteReady(queue, now)
    this.#scheduler.update(queue, now)
    this.#scheduler.dispatch()
    queue.setAlarm(clock, this.#advance)
    this.#queues.closeIdle(queue)
  }

  readonly #onStart = (waiter: Waiter, queue: KeyQueue, lease: HeldLease): void => {
    const { clock, leaseMs } = this.#settings
    const { ticket, caller, arrivedAt } = waiter
    const now = clock.now()
    this.#announce(waiter)
    const state = this.#stateOf(ticket, queue)
    const { pool } = ticket
    const expiresAt = now + leaseMs
    const parts = { waitMs: now - arrivedAt, state, queue, lease, pool, expiresAt }
    const slot = new ActiveSlot(parts, caller, this.#onRelease)
    this.#leases.add(slot)
    waiter.resolve(slot)
    this.#report(waiter, state, { type: 'start' })
  }

  readonly #onDenied = (waiter: Waiter, queue: KeyQueue, reply: HeldLease | StoreRefusal): void => {
    if (reply.granted || this.#scheduler.closed) return this.#refuse(waiter, 'closed')
    if (reply.why !== 'running') {
      return this.#refuse(waiter, reply.why === 'store' ? 'store' : 'keys', reply.retryAfterMs)
    }
    // Other processes hold the leases of the key. They do not report a release, so the store is polled.
    const { clock, pollMs } = this.#settings
    queue.blockedUntil = clock.now() + Math.min(pollMs, Math.max(1, reply.retryAfterMs))
    this.#queues.addReady(waiter, queue)
    this.#scheduler.update(queue, clock.now())
    queue.setAlarm(clock, this.#advance)
    this.#keepWaiting(waiter, queue)
  }

  readonly #onRelease = (slot: ActiveSlot): void => {
    const { queue, pool } = slot
    this.#leases.remove(slot)
    this.#scheduler.free(queue, pool)
    queue.blockedUntil = 0
    this.#afterEnd(queue)
  }

  /** After a ticket of a key ended: lets other tickets start. */
  readonly #afterEnd = (queue: KeyQueue): void => {
    if (queue.waiting > 0) return this.#advance(queue)
    // An empty key in the round robin would take the turn of another one.
    this.#scheduler.update(queue, this.#settings.clock.now())
    this.#scheduler.dispatch()
    this.#queues.closeIdle(queue)
  }

  readonly #expire = (waiter: Waiter): void => {
    const queue = this.#queues.get(waiter.ticket.key)
    // Its start may be due at this moment.
    if (queue) this.#advance(queue)
    // While a call of the store is pending, its answer decides.
    waiter.overdue = true
    if (queue && waiter.isWaiting) this.#refuseOverdue(waiter, queue)
  }

  /** A key that only lacks a slot has reached no limit of its own: the queue is overloaded. */
  #refuseOverdue(waiter: Waiter, queue: KeyQueue): void {
    const now = this.#settings.clock.now()
    const lacksSlot = waiter.phase === 'ready' && laneOf(queue, now) !== null
    this.#refuse(waiter, lacksSlot ? 'slots' : 'wait')
  }

  readonly #abort = (waiter: Waiter): void => {
    this.#leave(waiter)
    waiter.reject(waiter.signal?.reason)
    if (this.#settings.onEvent) this.#report(waiter, this.state(waiter.ticket), { type: 'abort' })
  }

  #refuse(waiter: Waiter, why: RefusalWhy, hintMs?: number): void {
    this.#leave(waiter)
    const state = this.state(waiter.ticket)
    const retryAfterMs = retryAfterDelay(hintMs, state)
    waiter.reject(new QueueRefusal(why, retryAfterMs, state))
    this.#report(waiter, state, { type: 'reject', why, retryAfterMs })
  }

  /** Removes a ticket at once from where it waits; a later grant of the store is released. */
  #leave(waiter: Waiter): void {
    const { phase } = waiter
    const queue = this.#queues.get(waiter.ticket.key)
    if (queue && phase === 'reserving') this.#reservations.leave(waiter, queue)
    else if (queue && waiter.isWaiting) {
      const reservation = this.#queues.leave(waiter, queue)
      if (reservation) {
        this.#store.cancel(reservation)
        queue.tat = this.#store.tat(queue.key) ?? queue.tat
      }
    }
    waiter.phase = 'done'
    // A ticket whose lease is being acquired keeps its slot until the answer is here.
    if (queue && phase === 'leasing') this.#queues.closeIdle(queue)
    else if (queue) this.#afterEnd(queue)
  }

  #stateOf(
    { key, limits, bypass }: Pick<Ticket, 'key' | 'limits' | 'bypass'>,
    queue: KeyQueue | undefined,
  ): QueueState {
    const hasInterval = limits.intervalMs > 0 && !bypass
    const counts = {
      tat: hasInterval ? (queue?.tat ?? this.#store.tat(key) ?? 0) : 0,
      running: queue?.running ?? 0,
      ready: queue?.ready.size ?? 0,
      waiting: queue ? queue.waiting + queue.reserving.size : 0,
    }
    return keyState(limits, counts, this.#settings.clock.now())
  }

  /** Sends the event `enter` once, when a ticket is admitted. */
  #announce(waiter: Waiter): void {
    if (waiter.announced) return
    waiter.announced = true
    if (this.#settings.onEvent) this.#report(waiter, this.state(waiter.ticket), { type: 'enter' })
  }

  #report(
    { ticket, arrivedAt }: Waiter,
    state: QueueState,
    step:
      | { readonly type: 'enter' | 'start' | 'abort' }
      | Pick<Extract<QueueEvent, { type: 'reject' }>, 'type' | 'why' | 'retryAfterMs'>,
  ): void {
    const { onEvent, clock } = this.#settings
    if (!onEvent) return
    tell(onEvent, { ...step, key: ticket.key, waitMs: clock.now() - arrivedAt, state })
  }
}
