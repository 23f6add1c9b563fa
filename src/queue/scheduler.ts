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
import type { QueueSettings, Ticket } from './types.ts'

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
  /** Per pool, so that the next key of those pools that may start is found without passing over the others. */
  readonly #lanes = {
    express: new Map<string | undefined, Chain<KeyRecord>>(),
    turns: new Map<string | undefined, Chain<KeyRecord>>(),
  }
  #streak = 0
  #positions = 0

  /** Where a key waits from now on; null: it does not. A key that stays in its lane keeps its place. */
  seat(record: KeyRecord, lane: Lane | null): void {
    const pool = record.ready.head?.ticket.pool
    if (record.lane === lane && (record.pool === pool || !lane)) return
    if (record.lane) this.#chain(record.lane, record.pool).remove(record)
    record.lane = lane
    record.pool = pool
    if (!lane) return
    record.turnsLeft = weightOf(record)
    record.position = ++this.#positions
    this.#chain(lane, pool).insert(record, null)
  }

  /**
   * Whose turn it is; it has started one more then.
   *
   * @param mayStart whether a pool has a slot
   */
  take(mayStart: (pool: string | undefined) => boolean): KeyRecord | null {
    const express = this.#first('express', mayStart)
    const turns = this.#first('turns', mayStart)
    const weight = express ? weightOf(express) : 0
    const lane = chooseLane(express !== null, turns !== null, this.#streak, weight)
    const record = lane === 'express' ? express : turns
    if (!lane || !record) return null
    this.#streak = lane === 'express' && turns ? this.#streak + 1 : 0
    record.turnsLeft -= 1
    if (record.turnsLeft <= 0) {
      record.turnsLeft += weightOf(record)
      record.position = ++this.#positions
      this.#chain(lane, record.pool).moveToEnd(record)
    }
    return record
  }

  #first(lane: Lane, mayStart: (pool: string | undefined) => boolean): KeyRecord | null {
    let first: KeyRecord | null = null
    for (const [pool, { head }] of this.#lanes[lane]) {
      if (head && (!first || head.position < first.position) && mayStart(pool)) first = head
    }
    return first
  }

  #chain(lane: Lane, pool: string | undefined): Chain<KeyRecord> {
    const lanes = this.#lanes[lane]
    const known = lanes.get(pool)
    if (known) return known
    const chain = new Chain<KeyRecord>()
    lanes.set(pool, chain)
    return chain
  }
}

/**
 * Slots that each pool keeps for itself: as configured, or in proportion where the queue's limit is lower, so that at
 * least one slot is open to all.
 */
export function reservedSlots(
  reserved: Readonly<Record<string, number>>,
  limit: number,
): ReadonlyMap<string, number> {
  const entries = Object.entries(reserved)
  const all = entries.reduce((sum, [, slots]) => sum + slots, 0)
  const scale = all < limit ? 1 : (limit - 1) / all
  return new Map(entries.map(([pool, slots]) => [pool, Math.floor(slots * scale)]))
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
  #limit = 0
  #reserved: ReadonlyMap<string, number> = new Map()
  readonly #runningIn = new Map<string, number>()
  readonly #settings: QueueSettings
  readonly #guard: StoreGuard
  readonly #lines: Lines
  readonly #next: Next
  readonly #turns = new Turns()
  #running = 0
  #closed = false

  constructor(settings: QueueSettings, guard: StoreGuard, lines: Lines, next: Next) {
    this.#settings = settings
    this.limit = settings.limit
    this.#guard = guard
    this.#lines = lines
    this.#next = next
  }

  get limit(): number {
    return this.#limit
  }

  set limit(limit: number) {
    this.#limit = limit
    this.#reserved = reservedSlots(this.#settings.reserved, limit)
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
  hasRoom(record: KeyRecord, { limits, pool }: Ticket, now: number): boolean {
    const room = this.#mayStart(pool) && !this.#closed
    return room && record.running < limits.concurrency && record.blockedUntil <= now
  }

  /** Whether there is a slot that is not reserved for other pools. */
  readonly #mayStart = (pool: string | undefined): boolean => {
    let kept = 0
    for (const [name, slots] of this.#reserved) {
      if (name !== pool) kept += Math.max(0, slots - (this.#runningIn.get(name) ?? 0))
    }
    return this.#running + kept < this.#limit
  }

  /** Has a key take part in the turns, or not any more, as its line is now. */
  seat(record: KeyRecord, now: number): void {
    this.#turns.seat(record, laneOf(record, now))
  }

  /** Gives places away for as long as there are any. */
  dispatch(): void {
    while (this.#running < this.limit && !this.#closed) {
      const record = this.#turns.take(this.#mayStart)
      const waiter = record && this.#lines.takeReady(record)
      if (!waiter) return
      this.go(waiter, record)
    }
  }

  /** Gives a place to somebody who stands in no line. */
  go(waiter: Waiter, record: KeyRecord): void {
    const { limits, pool } = waiter.ticket
    const now = this.#settings.clock.now()
    waiter.phase = 'leasing'
    record.running++
    this.#running++
    this.#countPool(pool, 1)
    this.seat(record, now)
    const reply = this.#guard.acquire(record.key, limits.concurrency, now)
    if (reply instanceof Promise) void this.#goLater(waiter, record, reply)
    else this.#decide(waiter, record, reply)
  }

  free(record: KeyRecord, pool: string | undefined): void {
    record.running--
    this.#running--
    this.#countPool(pool, -1)
  }

  #countPool(pool: string | undefined, change: 1 | -1): void {
    if (pool === undefined || !this.#reserved.has(pool)) return
    this.#runningIn.set(pool, (this.#runningIn.get(pool) ?? 0) + change)
  }

  async #goLater(waiter: Waiter, record: KeyRecord, reply: Promise<Held | Denied>): Promise<void> {
    this.#decide(waiter, record, await reply)
    this.#next.settle(record)
  }

  #decide(waiter: Waiter, record: KeyRecord, reply: Held | Denied): void {
    const wanted = waiter.phase === 'leasing' && !this.#closed
    if (reply.granted && wanted) return this.#next.start(waiter, record, reply)
    this.free(record, waiter.ticket.pool)
    if (reply.granted) this.#guard.release(reply)
    if (waiter.phase !== 'done') this.#next.deny(waiter, record, reply)
  }
}
