import { Chain } from './chain.ts'
import {
  chooseLane,
  type Lane,
  type KeyRecord,
  type Denied,
  type Held,
  type Waiter,
} from './key-state.ts'
import type { Lines } from './lines.ts'
import type { StoreGuard } from './store-guard.ts'
import type { QueueSettings } from './types.ts'

/**
 * Where a key waits for its turn; null: nobody of it could run. Whoever is first in rank holds up the rest of its key,
 * also when those behind come with a higher concurrency: they would otherwise keep it waiting for ever.
 *
 * @param now epoch milliseconds
 */
export function laneOf(
  { ready, running, blockedUntil }: Pick<KeyRecord, 'ready' | 'running' | 'blockedUntil'>,
  now: number,
): Lane | null {
  const next = ready.head
  if (!next || running >= next.ticket.limits.concurrency || blockedUntil > now) return null
  return next.express ? 'express' : 'turns'
}

/**
 * Keys with somebody who could run, in weighted round robin: a key starts as many as its weight, then it is the next
 * key's turn. Between two turns of a key others therefore start at most as many as all their weights together.
 */
export class Turns {
  readonly #lanes = { express: new Chain<KeyRecord>(), turns: new Chain<KeyRecord>() }
  #streak = 0

  /** Where a key waits from now on; null: it does not. A key that stays in its lane keeps its place. */
  seat(record: KeyRecord, lane: Lane | null): void {
    if (record.lane === lane) return
    if (record.lane) this.#lanes[record.lane].remove(record)
    record.lane = lane
    if (!lane) return
    record.turnsLeft = weightOf(record)
    this.#lanes[lane].insert(record, null)
  }

  /** Whose turn it is; it has started one more then. */
  take(): KeyRecord | null {
    const { express, turns } = this.#lanes
    const weight = express.head ? weightOf(express.head) : 0
    const lane = chooseLane(express.size > 0, turns.size > 0, this.#streak, weight)
    const record = lane && this.#lanes[lane].head
    if (!record) return null
    this.#streak = lane === 'express' && turns.size > 0 ? this.#streak + 1 : 0
    record.turnsLeft -= 1
    if (record.turnsLeft <= 0) {
      record.turnsLeft += weightOf(record)
      this.#lanes[lane].moveToEnd(record)
    }
    return record
  }
}

function weightOf({ ready }: KeyRecord): number {
  return ready.head?.ticket.limits.weight ?? 1
}

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
