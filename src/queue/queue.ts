// What users of a queue see: tickets, slots, states, events and refusals; how a state follows from counters.
import { FerryError } from '../core/index.ts'

/** A queue that admits tickets fairly between keys; `createQueue` makes one. */
export interface Queue {
  /**
   * Waits for a slot.
   *
   * @param caller aborting it removes a waiting ticket at once, and aborts the signal of a slot
   * @throws QueueRefusal when the ticket is refused; the reason of the caller's signal
   * @example
   * const slot = await queue.enter({ key: 'ip:203.0.113.7', limits }, request.signal)
   * try { await work(slot.signal) } finally { slot.release() }
   */
  enter(ticket: Ticket, caller?: Caller): Promise<Slot>
  /**
   * Runs work once, or never when the ticket is refused or cancelled. The slot is free when the work has settled, not
   * when it is aborted; {@link Slot.abort} frees it at once.
   *
   * @throws QueueRefusal; the signal's reason when it aborts before the start; errors of the work
   */
  run<T>(ticket: Ticket, work: (slot: Slot) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** State of a key. Reading it changes nothing. */
  state(ticket: Pick<Ticket, 'key' | 'limits' | 'bypass'>): QueueState
  /** Counters of all keys together. */
  readonly totals: {
    readonly waiting: number
    readonly running: number
    readonly limit: number
    readonly keys: number
  }
  /** Changes the number of slots. Running work is not interrupted. */
  setLimit(limit: number): void
  /** Refuses all waiting tickets and all later ones with 503. Running work is not interrupted. */
  close(): void
}

interface Step {
  readonly key: string
  /** Milliseconds since the ticket arrived. */
  readonly waitMs: number
  /** State of the key after the step. */
  readonly state: QueueState
}

/**
 * A step of a ticket: `enter` it was admitted, to wait or to start; `start` it got its slot; `reject` it was refused;
 * `abort` its caller gave up before the start. Every ticket ends in exactly one of the last three.
 */
export type QueueEvent =
  | (Step & { readonly type: 'enter' | 'start' | 'abort' })
  | (Step & { readonly type: 'reject'; readonly why: RefusalWhy; readonly retryAfterMs: number })

/** State of one key, for logs and for the `RateLimit` header. */
export interface QueueState {
  /** Tickets of the key that wait. */
  readonly waiting: number
  /** Tickets of the key that run. */
  readonly running: number
  /** Concurrency of the key. */
  readonly cap: number
  /** Most tickets of the key that may wait. */
  readonly max: number
  /** Tickets of the key that would start at once now. */
  readonly remaining: number
  /** Milliseconds until {@link remaining} grows; 0 when it is full. */
  readonly resetMs: number
}

/** A request for a slot. */
export interface Ticket {
  /** Tickets of one key share one quota. For requests: the queue key of a decision. */
  readonly key: string
  /** Limits of the key, as they are now. */
  readonly limits: KeyLimits
  /** Whether it skips the interval and the round robin. The key's concurrency and the queue's limit still hold. */
  readonly bypass?: boolean
  /** Order within the key, -10 to 10, higher first; equal ones are served in order of arrival. Default: 0. */
  readonly priority?: number
  /** Starts of the interval that it uses; 0: none, only concurrency counts. Default: 1. */
  readonly cost?: number
  /**
   * The pool whose reserved slots it may use, see `reserved` of the queue's options. Tickets of one key are served in order, so
   * they should name the same pool. Default: only slots that are not reserved.
   */
  readonly pool?: string
  /**
   * Keys that one party may control, such as the /64 networks of one /48. All tickets of a group together may hold
   * `maxWaitingPerGroup` places of the waiting room. Default: no group, no such limit.
   */
  readonly group?: string
}

/** The right to run. Hold it until the work has really ended. */
export interface Slot {
  /** Milliseconds that the ticket waited. */
  readonly waitMs: number
  /** State of the key when the slot was given. */
  readonly state: QueueState
  /** Aborted when the caller gives up or the lease is lost. Pass it to the work. */
  readonly signal: AbortSignal
  /** Gives the slot back; further calls do nothing. */
  release(): void
  /**
   * Aborts {@link signal} and gives the slot back at once, even when the work has not ended: for work that timed out
   * and whose result nothing awaits. After {@link release} it does nothing.
   *
   * @param reason of the signal; default: an `AbortError`
   */
  abort(reason?: unknown): void
}

/** Limits of one key. They come with every ticket, so that a key follows its current tier. */
export interface KeyLimits {
  /** Milliseconds in which {@link concurrency} starts are admitted; 0: no interval. */
  readonly intervalMs: number
  /** Tickets that run at once, and starts per interval; 1 or more. */
  readonly concurrency: number
  /** Tickets that wait at once; one more is refused. */
  readonly maxWaiting: number
  /** Longest wait, milliseconds. A ticket whose start is known to be later is refused at once. */
  readonly maxWaitMs: number
  /** Starts per turn of the round robin between keys; 1 or more. */
  readonly weight: number
}

/**
 * The signal of the caller, or a function that returns it. A server makes the signal of a request on demand, which costs
 * more than an admission: a function is called only when the ticket has to wait or the work reads `slot.signal`.
 */
export type Caller = AbortSignal | (() => AbortSignal)

/**
 * Why a ticket was refused.
 *
 * The limits of the caller were reached (status 429):
 * - `waiting`: too many tickets of the key wait;
 * - `wait`: the interval or the concurrency of the key would make it wait longer than `maxWaitMs`;
 * - `group`: too many tickets of the group wait.
 *
 * The queue is overloaded or unavailable (status 503):
 * - `slots`: the key could have started, but no slot became free within `maxWaitMs`;
 * - `total`: the waiting room is full;
 * - `keys`: too many keys have work;
 * - `store`: the limit store failed and `failMode` is `closed`;
 * - `closed`: the queue was closed.
 */
export type RefusalWhy =
  | 'waiting'
  | 'wait'
  | 'group'
  | 'slots'
  | 'total'
  | 'keys'
  | 'store'
  | 'closed'

/** A ticket was refused; its work did not run. */
export class QueueRefusal extends FerryError {
  /** Compares the class, not the name, which all errors of this package share. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value)
  }

  /** Which bound was reached. */
  readonly why: RefusalWhy
  /** Milliseconds after which a retry makes sense. */
  readonly retryAfterMs: number
  /** State of the key at the refusal. */
  readonly state: QueueState

  /**
   * @param why see {@link RefusalWhy}
   * @param retryAfterMs milliseconds after which a retry makes sense
   * @param state of the key at the refusal
   */
  constructor(why: RefusalWhy, retryAfterMs: number, state: QueueState) {
    const ownLimit = why === 'waiting' || why === 'wait' || why === 'group'
    const seconds = Math.ceil(retryAfterMs / 1000)
    super('busy', `${messages[why]} Try again in ${seconds} s.`, {
      retryable: true,
      status: ownLimit ? 429 : 503,
    })
    this.why = why
    this.retryAfterMs = retryAfterMs
    this.state = state
  }
}

const messages: Readonly<Record<RefusalWhy, string>> = {
  waiting: 'Too many of your requests are waiting.',
  wait: 'Your request would wait too long for its turn.',
  group: 'Too many requests of your network are waiting.',
  slots: 'All slots stayed in use.',
  total: 'Too many requests are waiting.',
  keys: 'Too many clients are being served.',
  store: 'The queue cannot be reached.',
  closed: 'The queue is closed.',
}

/** Counters of one key. */
interface KeyCounts {
  /** Theoretical arrival time (GCRA): epoch milliseconds up to which starts are handed out. */
  readonly tat: number
  readonly running: number
  /** Tickets whose start has come and that wait for a slot. */
  readonly ready: number
  /** All waiting tickets. */
  readonly waiting: number
}

/**
 * State of a key as slots, refusals and events report it.
 *
 * @param now epoch milliseconds
 */
export function keyState(limits: KeyLimits, counts: KeyCounts, now: number): QueueState {
  const { running, waiting } = counts
  const quota = quotaLeft(counts.tat, limits, now)
  const free = Math.max(0, limits.concurrency - running - counts.ready)
  const byQuota = free >= quota.remaining
  return {
    waiting,
    running,
    cap: limits.concurrency,
    max: limits.maxWaiting,
    remaining: byQuota ? quota.remaining : free,
    resetMs: byQuota ? quota.resetMs : Math.max(quota.resetMs, unknownMs),
  }
}

/**
 * Starts that the interval admits at once, and when one more is admitted.
 *
 * @param tat see {@link KeyCounts}
 * @param now epoch milliseconds
 * @returns `resetMs` milliseconds; 0 when the quota is unused
 */
export function quotaLeft(
  tat: number,
  { intervalMs, concurrency }: Pick<KeyLimits, 'intervalMs' | 'concurrency'>,
  now: number,
): { remaining: number; resetMs: number } {
  if (intervalMs === 0 || tat <= now) return { remaining: concurrency, resetMs: 0 }
  const step = intervalMs / concurrency
  // Starts are rounded to whole milliseconds, see nextStart.
  const used = Math.ceil((tat - now - 0.99) / step)
  if (used <= 0) return { remaining: concurrency, resetMs: 0 }
  const remaining = Math.max(0, concurrency - used)
  const nextAt = Math.floor(tat - (concurrency - remaining - 1) * step + 0.01)
  return { remaining, resetMs: nextAt - now }
}

/** Retry delay in milliseconds where the time cannot be computed: the end of running work is unknown. */
export const unknownMs = 1000

/**
 * Milliseconds until the next waiting ticket of a key starts and its waiting place becomes free.
 *
 * @param nextStart epoch milliseconds of the key's next reserved start; undefined: none
 * @param ready tickets that wait for a slot
 * @param now epoch milliseconds
 * @returns undefined where it depends on the end of running work
 */
export function retryHint(
  nextStart: number | undefined,
  ready: number,
  now: number,
): number | undefined {
  return nextStart !== undefined && ready === 0 ? nextStart - now : undefined
}

/**
 * Delay for `Retry-After`. It is never shorter than the time until the quota grows, which `RateLimit` reports in the
 * same response: the two must not contradict each other.
 *
 * @param hintMs as {@link retryHint} gives it
 * @returns milliseconds
 */
export function retryAfterDelay(
  hintMs: number | undefined,
  { resetMs }: Pick<QueueState, 'resetMs'>,
): number {
  return Math.max(hintMs ?? unknownMs, resetMs)
}
