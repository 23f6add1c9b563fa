// One waiting ticket: its phases, its place in the order of its key, and the check of what its caller gave.
import { alarm, type Clock, FerryError } from '../core/index.ts'
import type { Reservation, StoreRefusal } from './failover-store.ts'
import type { Linked } from './linked-list.ts'
import type { Caller, Slot, Ticket } from './queue.ts'

/**
 * Progress of a ticket: `new` in no queue, `reserving` waits for the store's answer about a start, `pending` waits for
 * its start, `ready` waits for a slot, `leasing` waits for the store's answer about a lease, `done` was answered.
 */
type Phase = 'new' | 'reserving' | 'pending' | 'ready' | 'leasing' | 'done'

/** A ticket from its arrival to its answer. */
export class Waiter implements Linked<Waiter>, Rank {
  previous: Waiter | null = null
  next: Waiter | null = null
  readonly ticket: Ticket
  readonly caller: Caller | undefined
  readonly priority: number
  readonly cost: number
  readonly arrival: number
  /** Epoch milliseconds. */
  readonly arrivedAt: number
  phase: Phase = 'new'
  /** Whether `maxWaitMs` has passed. */
  overdue = false
  /** Whether the event `enter` was sent. */
  announced = false
  /** Whether it skips the round robin between keys. */
  express = false
  reservation: Reservation | null = null
  /** Answer of the store about a start, kept until the answers to earlier tickets of the key are here. */
  reply: Reservation | StoreRefusal | undefined
  /** Set while its group counts it; see {@link Ticket.group}. */
  leaveGroup: (() => void) | undefined
  #stopAlarm: (() => void) | undefined
  #stopListening: (() => void) | undefined
  #slot: Slot | undefined
  #error: unknown
  #resolve: ((slot: Slot) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(ticket: Ticket, caller: Caller | undefined, arrival: number, arrivedAt: number) {
    this.ticket = ticket
    this.caller = caller
    this.priority = ticket.priority ?? 0
    this.cost = ticket.cost ?? 1
    this.arrival = arrival
    this.arrivedAt = arrivedAt
  }

  /** Whether it waits in a key queue. */
  get isWaiting(): boolean {
    return this.phase === 'pending' || this.phase === 'ready'
  }

  get signal(): AbortSignal | undefined {
    return typeof this.caller === 'function' ? this.caller() : this.caller
  }

  /** Makes the promise on demand: most tickets are answered before it is needed. */
  outcome(): Promise<Slot> {
    if (this.#slot) return Promise.resolve(this.#slot)
    return new Promise((resolve, reject) => {
      if (this.phase === 'done') return reject(this.#error)
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Starts the timer of `maxWaitMs` and listens to the caller's signal, until the ticket is answered. */
  watch(clock: Clock, on: { abort(waiter: Waiter): void; expire(waiter: Waiter): void }): void {
    const { signal } = this
    const { maxWaitMs } = this.ticket.limits
    if (maxWaitMs < Infinity) this.#stopAlarm = alarm(clock, maxWaitMs, () => on.expire(this))
    if (!signal) return
    if (signal.aborted) return on.abort(this)
    const abort = (): void => on.abort(this)
    signal.addEventListener('abort', abort, { once: true })
    this.#stopListening = () => signal.removeEventListener('abort', abort)
  }

  resolve(slot: Slot): void {
    this.#finish()
    this.#slot = slot
    this.#resolve?.(slot)
  }

  reject(error: unknown): void {
    this.#finish()
    this.#error = error
    this.#reject?.(error)
  }

  #finish(): void {
    this.phase = 'done'
    this.#stopAlarm?.()
    this.#stopListening?.()
    this.leaveGroup?.()
  }
}

/** Order within a key. */
export interface Rank {
  /** -10 to 10. */
  readonly priority: number
  /** Running number. */
  readonly arrival: number
}

/** Whether `a` is served before `b`: higher priority first, then first come, first served. */
export function ranksBefore(a: Rank, b: Rank): boolean {
  return a.priority === b.priority ? a.arrival < b.arrival : a.priority > b.priority
}

/** @returns what is wrong with a ticket; undefined when it is valid */
export function ticketFault({ limits, priority = 0, cost = 1 }: Ticket): FerryError | undefined {
  if (!(limits.concurrency >= 1 && Number.isInteger(limits.concurrency))) {
    return fault('concurrency', limits.concurrency, 'a whole number of at least 1')
  }
  if (!(limits.weight >= 1 && limits.weight < Infinity)) {
    return fault('weight', limits.weight, 'a number of at least 1')
  }
  if (!(limits.intervalMs >= 0 && limits.intervalMs < Infinity)) {
    return fault('intervalMs', limits.intervalMs, 'milliseconds, 0 for none')
  }
  if (!(limits.maxWaiting >= 0)) return fault('maxWaiting', limits.maxWaiting, '0 or more')
  if (!(limits.maxWaitMs >= 0)) return fault('maxWaitMs', limits.maxWaitMs, 'milliseconds')
  if (!(priority >= -10 && priority <= 10 && Number.isInteger(priority))) {
    return fault('priority', priority, 'a whole number from -10 to 10')
  }
  if (!(cost >= 0 && cost < Infinity)) return fault('cost', cost, '0 or more')
  return undefined
}

function fault(name: string, value: number, wanted: string): FerryError {
  return new FerryError('configuration', `The ticket's ${name} is ${value}; give ${wanted}.`)
}
