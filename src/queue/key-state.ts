import { FerryError } from '../core/index.ts'
import { Chain, type Linked } from './chain.ts'
import type { LimitStore, Refused } from './limit-store.ts'
import type { KeyLimits, QueueState, Caller, Slot, Ticket } from './types.ts'

/** What the queue keeps of a key while somebody of it waits or runs. Times are epoch milliseconds. */
export class KeyRecord implements Linked<KeyRecord> {
  before: KeyRecord | null = null
  after: KeyRecord | null = null
  readonly key: string
  /** Running, or just getting its lease. */
  running = 0
  /** In the order in which the store was asked: its answers are taken in this order. */
  readonly asking: Chain<Waiter> = new Chain()
  /** By rank; there is one permit of the same cost for each. */
  readonly pending: Chain<Waiter> = new Chain()
  /** Permits of those who are pending, by start. */
  readonly permits: Permit[] = []
  /** By rank. */
  readonly ready: Chain<Waiter> = new Chain()
  /** As the store said last; undefined: unknown. */
  usedUntil: number | undefined
  /** Until when the store is not asked for a lease, because others hold them all. */
  blockedUntil = 0
  lane: Lane | null = null
  /** Pool of the ticket that is next; set with {@link lane}. */
  pool: string | undefined
  /** Place in the round robin, among the keys of all pools. */
  position = 0
  /** Starts left of its turn. */
  turnsLeft = 0
  alarmAt: number = Infinity
  stopAlarm: (() => void) | undefined

  constructor(key: string) {
    this.key = key
  }

  get waiting(): number {
    return this.pending.size + this.ready.size
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting === 0 && this.asking.size === 0
  }
}

/**
 * Starts that the interval lets through at once, and when there will be one more.
 *
 * @param usedUntil epoch milliseconds up to which starts are handed out
 * @param now epoch milliseconds
 * @returns `resetMs` milliseconds; 0 when nothing is used
 */
export function quotaLeft(
  usedUntil: number,
  { intervalMs, concurrency }: Pick<KeyLimits, 'intervalMs' | 'concurrency'>,
  now: number,
): { remaining: number; resetMs: number } {
  if (intervalMs === 0 || usedUntil <= now) return { remaining: concurrency, resetMs: 0 }
  const step = intervalMs / concurrency
  // Starts come on whole milliseconds, as nextStart rounds them.
  const used = Math.ceil((usedUntil - now - 0.99) / step)
  if (used <= 0) return { remaining: concurrency, resetMs: 0 }
  const remaining = Math.max(0, concurrency - used)
  const nextAt = Math.floor(usedUntil - (concurrency - remaining - 1) * step + 0.01)
  return { remaining, resetMs: nextAt - now }
}

/** Milliseconds after which to ask again where nobody can know: nobody can tell when running work ends. */
export const unknownMs = 1000

/** What is counted for a key. */
export interface KeyCounts {
  /** Epoch milliseconds up to which its starts are handed out. */
  readonly usedUntil: number
  readonly running: number
  /** Wait for a place, and may start. */
  readonly ready: number
  /** Wait, for whatever reason. */
  readonly waiting: number
}

/**
 * How a key stands.
 *
 * @param now epoch milliseconds
 */
export function keyState(limits: KeyLimits, counts: KeyCounts, now: number): QueueState {
  const { running, waiting } = counts
  const quota = quotaLeft(counts.usedUntil, limits, now)
  const places = Math.max(0, limits.concurrency - running - counts.ready)
  const byQuota = places >= quota.remaining
  return {
    waiting,
    running,
    cap: limits.concurrency,
    max: limits.maxWaiting,
    remaining: byQuota ? quota.remaining : places,
    resetMs: byQuota ? quota.resetMs : Math.max(quota.resetMs, unknownMs),
  }
}

/**
 * Milliseconds until one of a key's places to wait is free; undefined where that depends on when work ends.
 *
 * @param now epoch milliseconds
 */
export function roomMs(
  { permits, ready }: Pick<KeyRecord, 'permits' | 'ready'>,
  now: number,
): number | undefined {
  const first = permits[0]
  return first && ready.size === 0 ? first.start - now : undefined
}

/**
 * When it is worth asking again: not before there can be room, and not before the key's quota grows, which is what
 * `RateLimit` tells at the same time (`Retry-After` must not contradict it).
 *
 * @param roomMs milliseconds until there can be room; undefined: unknown
 * @returns milliseconds
 */
export function retryDelay(
  roomMs: number | undefined,
  { resetMs }: Pick<QueueState, 'resetMs'>,
): number {
  return Math.max(roomMs ?? unknownMs, resetMs)
}

/**
 * Where a waiter stands: `outside` in no line, `asking` the store for a start, `pending` until a start comes, `ready` for a place,
 * `leasing` a place from the store, `done`.
 */
type Phase = 'outside' | 'asking' | 'pending' | 'ready' | 'leasing' | 'done'

/** A ticket on its way to a slot. */
export class Waiter implements Linked<Waiter>, Rank {
  before: Waiter | null = null
  after: Waiter | null = null
  readonly ticket: Ticket
  readonly caller: Caller | undefined
  readonly priority: number
  readonly cost: number
  readonly arrival: number
  /** Epoch milliseconds. */
  readonly cameAt: number
  phase: Phase = 'outside'
  /** Whether it has waited for as long as it may. */
  overdue = false
  /** Whether it was told that it is let in. */
  announced = false
  /** Whether the turns between keys are skipped. */
  express = false
  permit: Permit | null = null
  /** What the store said to the question for a start, until it is its turn to be taken in. */
  reply: Permit | Denied | undefined
  /** What was set up for the time of waiting. */
  stopAlarm: (() => void) | undefined
  stopListening: (() => void) | undefined
  leaveGroup: (() => void) | undefined
  #slot: Slot | undefined
  #error: unknown
  #resolve: ((slot: Slot) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(ticket: Ticket, caller: Caller | undefined, arrival: number, cameAt: number) {
    this.ticket = ticket
    this.caller = caller
    this.priority = ticket.priority ?? 0
    this.cost = ticket.cost ?? 1
    this.arrival = arrival
    this.cameAt = cameAt
  }

  get signal(): AbortSignal | undefined {
    return typeof this.caller === 'function' ? this.caller() : this.caller
  }

  /** What the owner of the ticket waits for; made when asked for, because most are answered at once. */
  outcome(): Promise<Slot> {
    if (this.#slot) return Promise.resolve(this.#slot)
    return new Promise((resolve, reject) => {
      if (this.phase === 'done') return reject(this.#error)
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  give(slot: Slot): void {
    this.#finish()
    this.#slot = slot
    this.#resolve?.(slot)
  }

  fail(error: unknown): void {
    this.#finish()
    this.#error = error
    this.#reject?.(error)
  }

  #finish(): void {
    this.phase = 'done'
    this.stopAlarm?.()
    this.stopListening?.()
    this.leaveGroup?.()
  }
}

/** What is wrong with a ticket; undefined: nothing. */
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

/** A start that was handed out for somebody of a key. Those of equal cost are interchangeable within the key. */
export interface Permit {
  readonly granted: true
  readonly id: string
  /** Where it was had, and can be given back; null: nowhere, the store was down and the queue is open. */
  readonly home: LimitStore | null
  /** Epoch milliseconds. */
  readonly start: number
  readonly cost: number
  /** See {@link Reserved}; undefined: unknown. */
  readonly usedUntil: number | undefined
}

/** A refusal of the store, or of the queue because the store failed. */
export interface Denied extends Omit<Refused, 'why'> {
  readonly why: Refused['why'] | 'store'
}

/** What decides who of one key is next. */
export interface Rank {
  /** -10 to 10. */
  readonly priority: number
  /** In the order of arrival. */
  readonly arrival: number
}

/** Whether `a` is served before `b`: by priority, then first come, first served. */
export function ranksBefore(a: Rank, b: Rank): boolean {
  return a.priority === b.priority ? a.arrival < b.arrival : a.priority > b.priority
}

/** Puts an item where its rank says; who comes last without priority costs one comparison. */
export function insertRanked<T extends Rank & Linked<T>>(chain: Chain<T>, item: T): void {
  let next: T | null = null
  for (let each = chain.tail; each && ranksBefore(item, each); each = each.before) next = each
  chain.insert(item, next)
}

/** Puts a permit among others that are in order of their start. */
export function insertPermit(permits: Permit[], permit: Permit): void {
  const index = permits.findLastIndex(({ start }) => start <= permit.start)
  permits.splice(index + 1, 0, permit)
}

/** A lease, and where it was had; null: nowhere, the store was down and the queue is open. */
export interface Held {
  readonly granted: true
  readonly id: string
  readonly home: LimitStore | null
}

/** Where a key waits for its turn: `express` for those who bypass, `turns` for everybody else. */
export type Lane = 'express' | 'turns'

/**
 * Who bypasses goes first. But after as many such starts in a row as its weight, one goes to the others: two busy
 * subjects would otherwise keep everybody else out for ever.
 *
 * @param express whether somebody waits there
 * @param turns whether somebody waits there
 * @param streak starts from the express lane since the last turn, while others waited
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
