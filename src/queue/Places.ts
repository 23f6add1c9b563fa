import type { Denied } from './Denied.ts'
import type { Held } from './Held.ts'
import type { KeyRecord } from './KeyRecord.ts'
import { laneOf } from './laneOf.ts'
import type { Lines } from './Lines.ts'
import type { QueueSettings } from './QueueSettings.ts'
import type { StoreGuard } from './StoreGuard.ts'
import { Turns } from './Turns.ts'
import type { Waiter } from './Waiter.ts'

/** What becomes of those who were given a place. */
interface Next {
  /** It has its lease: it runs. */
  start(waiter: Waiter, record: KeyRecord, lease: Held): void
  /** It has none, and the place is given back. */
  deny(waiter: Waiter, record: KeyRecord, reply: Held | Denied): void
  /** The store's answer was late, and has been dealt with. */
  settle(record: KeyRecord): void
}

/** The slots of the whole queue, and whose turn it is to have one. */
export class Places {
  limit: number
  readonly #settings: QueueSettings
  readonly #guard: StoreGuard
  readonly #lines: Lines
  readonly #next: Next
  readonly #turns = new Turns()
  #running = 0
  #closed = false

  constructor(settings: QueueSettings, guard: StoreGuard, lines: Lines, next: Next) {
    this.limit = settings.limit
    this.#settings = settings
    this.#guard = guard
    this.#lines = lines
    this.#next = next
  }

  get running(): number {
    return this.#running
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#closed = true
  }

  /** Whether one more of a key could run at once; nobody of another key is overtaken by it. */
  hasRoom(record: KeyRecord, concurrency: number, now: number): boolean {
    const room = this.#running < this.limit && !this.#closed
    return room && record.running < concurrency && record.blockedUntil <= now
  }

  /** Has a key take part in the turns, or not any more, as its line is now. */
  seat(record: KeyRecord, now: number): void {
    this.#turns.seat(record, laneOf(record, now))
  }

  /** Gives places away for as long as there are any. */
  dispatch(): void {
    while (this.#running < this.limit && !this.#closed) {
      const record = this.#turns.take()
      const waiter = record && this.#lines.takeReady(record)
      if (!waiter) return
      this.go(waiter, record)
    }
  }

  /** Gives a place to somebody who stands in no line. */
  go(waiter: Waiter, record: KeyRecord): void {
    const { limits } = waiter.ticket
    const now = this.#settings.clock.now()
    waiter.phase = 'leasing'
    record.running++
    this.#running++
    this.seat(record, now)
    const reply = this.#guard.acquire(record.key, limits.concurrency, now)
    if (reply instanceof Promise) void this.#goLater(waiter, record, reply)
    else this.#decide(waiter, record, reply)
  }

  free(record: KeyRecord): void {
    record.running--
    this.#running--
  }

  async #goLater(waiter: Waiter, record: KeyRecord, reply: Promise<Held | Denied>): Promise<void> {
    this.#decide(waiter, record, await reply)
    this.#next.settle(record)
  }

  #decide(waiter: Waiter, record: KeyRecord, reply: Held | Denied): void {
    const wanted = waiter.phase === 'leasing' && !this.#closed
    if (reply.granted && wanted) return this.#next.start(waiter, record, reply)
    this.free(record)
    if (reply.granted) this.#guard.release(reply)
    if (waiter.phase !== 'done') this.#next.deny(waiter, record, reply)
  }
}
