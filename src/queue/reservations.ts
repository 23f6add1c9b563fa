import type { FailoverStore, Reservation, StoreRefusal } from './failover-store.ts'
import type { MaybePromise } from './limit-store.ts'
import type { KeyQueue } from './wait-queues.ts'
import type { Waiter } from './waiter.ts'

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
