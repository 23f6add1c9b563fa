import {
  insertPermit,
  insertRanked,
  type KeyRecord,
  type Permit,
  type Waiter,
  type Denied,
} from './key-state.ts'
import type { MaybePromise } from './limit-store.ts'
import type { StoreGuard } from './store-guard.ts'

/** The lines of all keys: who is in one, waits. */
export class Lines {
  #waiting = 0

  get waiting(): number {
    return this.#waiting
  }

  /** Lines up for a start that comes later. */
  addPending(waiter: Waiter, record: KeyRecord, permit: Permit): void {
    waiter.phase = 'pending'
    insertRanked(record.pending, waiter)
    insertPermit(record.permits, permit)
    this.#waiting++
  }

  /** Lines up for a place. */
  addReady(waiter: Waiter, record: KeyRecord): void {
    waiter.phase = 'ready'
    insertRanked(record.ready, waiter)
    this.#waiting++
  }

  /** Takes who is first in line for a place. */
  takeReady(record: KeyRecord): Waiter | null {
    const waiter = record.ready.head
    if (waiter) this.#remove(waiter, record, 'ready')
    return waiter
  }

  /**
   * Takes out a waiter that does not want to wait any more. Those behind it move up, so that the start nobody needs is
   * the last one of the same cost: most likely the one that the store can take back.
   *
   * @returns the start that is left over; null when there is none
   */
  leave(waiter: Waiter, record: KeyRecord): Permit | null {
    if (waiter.phase === 'ready') {
      this.#remove(waiter, record, 'ready')
      return waiter.permit
    }
    this.#remove(waiter, record, 'pending')
    const last = record.permits.findLastIndex(({ cost }) => cost === waiter.cost)
    return record.permits.splice(last, 1)[0] ?? null
  }

  #remove(waiter: Waiter, record: KeyRecord, phase: 'pending' | 'ready'): void {
    record[phase].remove(waiter)
    waiter.phase = 'outside'
    this.#waiting--
  }
}

type Answer = (waiter: Waiter, record: KeyRecord, reply: Permit | Denied) => void

/**
 * Asks the store for starts. All of a key's questions may be under way at once; the answers are taken in the order of
 * the questions, so that whoever came first is served first however the network reorders them.
 */
export class StartDesk {
  readonly #guard: StoreGuard
  readonly #answer: Answer
  #asking = 0

  constructor(guard: StoreGuard, answer: Answer) {
    this.#guard = guard
    this.#answer = answer
  }

  /** Questions under way, of all keys. */
  get asking(): number {
    return this.#asking
  }

  ask(waiter: Waiter, record: KeyRecord): void {
    const { intervalMs, concurrency, maxWaiting, maxWaitMs } = waiter.ticket.limits
    const { cost } = waiter
    const reply = this.#guard.reserve(
      record.key,
      { intervalMs, perInterval: concurrency, maxQueue: maxWaiting, maxWaitMs, cost },
      waiter.cameAt,
    )
    if (!(reply instanceof Promise) && record.asking.size === 0) {
      return this.#answer(waiter, record, reply)
    }
    waiter.phase = 'asking'
    record.asking.insert(waiter, null)
    this.#asking++
    void this.#await(waiter, record, reply)
  }

  /** Takes out a waiter that is asking; the answer is given back when it comes. */
  remove(waiter: Waiter, record: KeyRecord): void {
    this.#takeOut(waiter, record)
    if (waiter.reply?.granted) this.#guard.cancel(waiter.reply)
    this.#drain(record)
  }

  async #await(
    waiter: Waiter,
    record: KeyRecord,
    pending: MaybePromise<Permit | Denied>,
  ): Promise<void> {
    const reply = await pending
    waiter.reply = reply
    if (waiter.phase === 'asking') this.#drain(record)
    else if (reply.granted) this.#guard.cancel(reply)
  }

  #drain(record: KeyRecord): void {
    for (let head = record.asking.head; head?.reply; head = record.asking.head) {
      this.#takeOut(head, record)
      this.#answer(head, record, head.reply)
    }
  }

  #takeOut(waiter: Waiter, record: KeyRecord): void {
    record.asking.remove(waiter)
    waiter.phase = 'outside'
    this.#asking--
  }
}
