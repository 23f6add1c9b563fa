// Gives free slots to keys by weighted round robin; tickets with `express` start first, within a bound.
import type { FailoverStore, HeldLease, StoreRefusal } from './failover-store.ts'
import { LinkedList } from './linked-list.ts'
import type { QueueSettings } from './options.ts'
import type { Ticket } from './queue.ts'
import type { KeyQueue, Lane, WaitQueues } from './wait-queues.ts'
import type { Waiter } from './waiter.ts'

/** Called when a ticket that got a slot has an answer from the store. */
interface SlotHandlers {
  /** The ticket has its lease and runs. */
  onStart(waiter: Waiter, queue: KeyQueue, lease: HeldLease): void
  /** The ticket has no lease, or is not wanted any more; the slot is free again. */
  onDenied(waiter: Waiter, queue: KeyQueue, reply: HeldLease | StoreRefusal): void
  /** An asynchronous answer of the store was handled. */
  onSettled(queue: KeyQueue): void
}

/** The slots of the whole queue: gives each free slot to the next key of the round robin. */
export class SlotScheduler {
  readonly #settings: QueueSettings
  readonly #store: FailoverStore
  readonly #queues: WaitQueues
  readonly #handlers: SlotHandlers
  readonly #roundRobin = new WeightedRoundRobin()
  readonly #runningIn = new Map<string, number>()
  #reserved: ReadonlyMap<string, number> = new Map()
  #limit = 0
  #running = 0
  #closed = false

  constructor(
    settings: QueueSettings,
    store: FailoverStore,
    queues: WaitQueues,
    handlers: SlotHandlers,
  ) {
    this.#settings = settings
    this.#store = store
    this.#queues = queues
    this.#handlers = handlers
    this.limit = settings.limit
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

  /** Whether a ticket of the key can start now. It overtakes no other key: a free slot means that none could use it. */
  canStart(queue: KeyQueue, { limits, pool }: Ticket, now: number): boolean {
    if (this.#closed || !this.#isFree(pool)) return false
    return queue.running < limits.concurrency && queue.blockedUntil <= now
  }

  /** Puts a key into the round robin, or takes it out, after its waiting list or its running tickets changed. */
  update(queue: KeyQueue, now: number): void {
    this.#roundRobin.update(queue, laneOf(queue, now))
  }

  /** Gives free slots to waiting tickets. */
  dispatch(): void {
    while (this.#running < this.#limit && !this.#closed) {
      const queue = this.#roundRobin.take(this.#isFree)
      const waiter = queue && this.#queues.takeReady(queue)
      if (!waiter) return
      this.start(waiter, queue)
    }
  }

  /** Gives a slot to a ticket that is in no waiting list. */
  start(waiter: Waiter, queue: KeyQueue): void {
    const { limits, pool } = waiter.ticket
    const now = this.#settings.clock.now()
    waiter.phase = 'leasing'
    queue.running++
    this.#running++
    this.#countPool(pool, 1)
    this.update(queue, now)
    const reply = this.#store.acquire(queue.key, limits.concurrency, now)
    if (reply instanceof Promise) void this.#decideLater(waiter, queue, reply)
    else this.#decide(waiter, queue, reply)
  }

  /** Takes a slot back. */
  free(queue: KeyQueue, pool: string | undefined): void {
    queue.running--
    this.#running--
    this.#countPool(pool, -1)
  }

  /** Whether a slot is free that is not reserved for other pools. */
  readonly #isFree = (pool: string | undefined): boolean => {
    let kept = 0
    for (const [name, slots] of this.#reserved) {
      if (name !== pool) kept += Math.max(0, slots - (this.#runningIn.get(name) ?? 0))
    }
    return this.#running + kept < this.#limit
  }

  #countPool(pool: string | undefined, change: 1 | -1): void {
    if (pool === undefined || !this.#reserved.has(pool)) return
    this.#runningIn.set(pool, (this.#runningIn.get(pool) ?? 0) + change)
  }

  async #decideLater(
    waiter: Waiter,
    queue: KeyQueue,
    reply: Promise<HeldLease | StoreRefusal>,
  ): Promise<void> {
    this.#decide(waiter, queue, await reply)
    this.#handlers.onSettled(queue)
  }

  #decide(waiter: Waiter, queue: KeyQueue, reply: HeldLease | StoreRefusal): void {
    const wanted = waiter.phase === 'leasing' && !this.#closed
    if (reply.granted && wanted) return this.#handlers.onStart(waiter, queue, reply)
    this.free(queue, waiter.ticket.pool)
    if (reply.granted) this.#store.release(reply)
    if (waiter.phase !== 'done') this.#handlers.onDenied(waiter, queue, reply)
  }
}

/**
 * Weighted round robin: a key starts as many tickets as its weight, then the next key follows. Between two turns of a
 * key, the others start at most as many tickets as the sum of their weights.
 */
class WeightedRoundRobin {
  /** One list per pool, so that keys whose pool has no free slot are not walked over. */
  readonly #lists = {
    express: new Map<string | undefined, LinkedList<KeyQueue>>(),
    turns: new Map<string | undefined, LinkedList<KeyQueue>>(),
  }
  #streak = 0
  #positions = 0

  /** @param lane null: no ticket of the key could start. A key that stays in its lane keeps its position */
  update(queue: KeyQueue, lane: Lane | null): void {
    const pool = queue.ready.head?.ticket.pool
    if (queue.lane === lane && (queue.pool === pool || !lane)) return
    if (queue.lane) this.#list(queue.lane, queue.pool).remove(queue)
    queue.lane = lane
    queue.pool = pool
    if (!lane) return
    queue.turnsLeft = weightOf(queue)
    queue.position = ++this.#positions
    this.#list(lane, pool).insert(queue, null)
  }

  /**
   * Takes the next key and counts one start of its turn.
   *
   * @param isFree whether a pool may use a slot
   */
  take(isFree: (pool: string | undefined) => boolean): KeyQueue | null {
    const express = this.#first('express', isFree)
    const turns = this.#first('turns', isFree)
    const weight = express ? weightOf(express) : 0
    const lane = chooseLane(express !== null, turns !== null, this.#streak, weight)
    const queue = lane === 'express' ? express : turns
    if (!lane || !queue) return null
    this.#streak = lane === 'express' && turns ? this.#streak + 1 : 0
    queue.turnsLeft -= 1
    if (queue.turnsLeft <= 0) {
      queue.turnsLeft += weightOf(queue)
      queue.position = ++this.#positions
      this.#list(lane, queue.pool).moveToEnd(queue)
    }
    return queue
  }

  #first(lane: Lane, isFree: (pool: string | undefined) => boolean): KeyQueue | null {
    let first: KeyQueue | null = null
    for (const [pool, { head }] of this.#lists[lane]) {
      if (head && (!first || head.position < first.position) && isFree(pool)) first = head
    }
    return first
  }

  #list(lane: Lane, pool: string | undefined): LinkedList<KeyQueue> {
    const lists = this.#lists[lane]
    const known = lists.get(pool)
    if (known) return known
    const list = new LinkedList<KeyQueue>()
    lists.set(pool, list)
    return list
  }
}

/**
 * Slots that each pool reserves: as configured, or in proportion when the limit is lower, so that at least one slot
 * stays unreserved.
 */
function reservedSlots(
  reserved: Readonly<Record<string, number>>,
  limit: number,
): ReadonlyMap<string, number> {
  const entries = Object.entries(reserved)
  const all = entries.reduce((sum, [, slots]) => sum + slots, 0)
  const scale = all < limit ? 1 : (limit - 1) / all
  return new Map(entries.map(([pool, slots]) => [pool, Math.floor(slots * scale)]))
}

/**
 * The lane of a key; null when none of its tickets could start. The first ticket in rank blocks the other tickets of
 * its key, also tickets with a higher concurrency. Otherwise they could delay it without limit.
 *
 * @param now epoch milliseconds
 */
export function laneOf(
  { ready, running, blockedUntil }: Pick<KeyQueue, 'ready' | 'running' | 'blockedUntil'>,
  now: number,
): Lane | null {
  const next = ready.head
  if (!next || running >= next.ticket.limits.concurrency || blockedUntil > now) return null
  return next.express ? 'express' : 'turns'
}

/**
 * Express tickets start first. After as many of them in a row as the weight of their key, one other ticket starts.
 * Otherwise two busy subjects could keep all others waiting without limit.
 *
 * @param express whether a key waits in the express lane
 * @param turns whether a key waits in the other lane
 * @param streak express starts in a row while others waited
 * @param weight of the key at the head of the express lane
 */
export function chooseLane(
  express: boolean,
  turns: boolean,
  streak: number,
  weight: number,
): Lane | null {
  if (express && turns) return streak < weight ? 'express' : 'turns'
  if (express) return 'express'
  return turns ? 'turns' : null
}

function weightOf({ ready }: KeyQueue): number {
  return ready.head?.ticket.limits.weight ?? 1
}
