import type { Denied } from './Denied.ts'
import type { KeyRecord } from './KeyRecord.ts'
import type { MaybePromise } from './MaybePromise.ts'
import type { Permit } from './Permit.ts'
import type { StoreGuard } from './StoreGuard.ts'
import type { Waiter } from './Waiter.ts'

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
