import { type Clock, FerryError } from '../core/index.ts'
import type { LimitStore } from './limit-store.ts'

/** Makes people wait, fairly. */
export interface Queue {
  /**
   * Waits for a slot.
   *
   * @param caller giving up: leaves the queue at once while waiting, aborts the slot's signal while running
   * @throws QueueRefusal when there is no room; the signal's reason
   */
  enter(ticket: Ticket, caller?: Caller): Promise<Slot>
  /**
   * Runs work exactly once, or never. The slot is free when the work has settled, not when it is aborted.
   *
   * @throws QueueRefusal; the signal's reason when it aborts before the start; what the work throws
   */
  run<T>(ticket: Ticket, work: (slot: Slot) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** How a key stands, without admitting anybody. */
  state(ticket: Pick<Ticket, 'key' | 'limits' | 'bypass'>): QueueState
  /** Of all keys. */
  readonly totals: {
    readonly waiting: number
    readonly running: number
    readonly limit: number
    readonly keys: number
  }
  /** Slots of the whole queue, from now on; running work is never interrupted. */
  setLimit(limit: number): void
  /** Refuses all who wait and all who come, with 503. */
  close(): void
}

interface Step {
  readonly key: string
  /** Milliseconds since the ticket came. */
  readonly waitMs: number
  /** Of the key, after the step. */
  readonly state: QueueState
}

/**
 * A step of a ticket: `enter` it may wait or start, `start` it was given its slot, `reject` it was refused, `abort`
 * its owner gave up before the start. Every ticket ends in exactly one of the last three.
 */
export type QueueEvent =
  | (Step & { readonly type: 'enter' | 'start' | 'abort' })
  | (Step & { readonly type: 'reject'; readonly why: RefusalWhy; readonly retryAfterMs: number })

/** How full the queue is, as log lines and headers tell it. */
export interface QueueState {
  /** Of this key. */
  readonly waiting: number
  /** Of this key. */
  readonly running: number
  /** Concurrency of this key. */
  readonly cap: number
  /** Most of this key that may wait. */
  readonly max: number
  /** Starts of this key that would begin at once now. */
  readonly remaining: number
  /** Milliseconds until {@link remaining} grows; 0 when it is full. */
  readonly resetMs: number
}

/** Asks to be let in. */
export interface Ticket {
  /** Who shares one quota: the queue key of a decision. */
  readonly key: string
  readonly limits: KeyLimits
  /** Skips the interval and the turns between keys; concurrency and the whole queue's limit hold all the same. */
  readonly bypass?: boolean
  /** -10 to 10 within the key, higher first. Default 0: first come, first served. */
  readonly priority?: number
  /** Starts that it counts for; 0: only concurrency counts. Default 1. */
  readonly cost?: number
  /** The pool of {@link QueueOptions.reserved} whose slots it may use. Default: only slots that are not reserved. */
  readonly pool?: string
  /**
   * Keys that one party may control, such as the /64 networks of one /48. All tickets of a group together may hold
   * {@link QueueOptions.maxWaitingPerGroup} places of the waiting room. Default: no group, no such limit.
   */
  readonly group?: string
}

/** Leave to run; held until the work has really ended. */
export interface Slot {
  /** Milliseconds that it was waited for. */
  readonly waitMs: number
  /** As it was when the slot was given. */
  readonly state: QueueState
  /** Aborted when the caller gives up or the lease is lost: hand it to the work. */
  readonly signal: AbortSignal
  /** Gives the slot back; further calls do nothing. */
  release(): void
  /**
   * Aborts {@link signal} and gives the slot back at once, also when the work has not ended: for work that timed out
   * and that nobody waits for any more. After {@link release} it does nothing.
   *
   * @param reason of the signal; default: an `AbortError`
   */
  abort(reason?: unknown): void
}

/** How one key may start work; comes with every admission, so that a key's limits follow its present tier. */
export interface KeyLimits {
  /** Milliseconds in which {@link concurrency} starts are let through; 0: no interval. */
  readonly intervalMs: number
  /** Runs at once, and starts per interval; 1 or more. */
  readonly concurrency: number
  /** Waiting at once; one more is refused. */
  readonly maxWaiting: number
  /** Milliseconds; who would wait longer is refused at once. */
  readonly maxWaitMs: number
  /** Share among the keys that wait for the whole queue's slots; 1 or more. */
  readonly weight: number
}

/**
 * Says when somebody gives up: a signal, or what makes one. Servers make the signal of a request when it is asked for,
 * which costs more than an admission; so a function is called only for those who wait, or whose work asks.
 */
export type Caller = AbortSignal | (() => AbortSignal)

/**
 * Why a ticket was refused. The limits of the caller were reached (status 429): `waiting` too many tickets of the key
 * wait; `wait` the interval or the concurrency of the key would make it wait longer than `maxWaitMs`; `group` too many
 * tickets of the group wait. The queue is overloaded or unavailable (status 503): `slots` the key could have started,
 * but no slot became free within `maxWaitMs`; `total` the waiting room is full; `keys` too many keys have work;
 * `store` the limit store failed and `failMode` is `closed`; `closed` the queue was closed.
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

/** The queue has no room; nothing was run. */
export class QueueRefusal extends FerryError {
  /** Told apart from other errors of ours as classes usually are, not by the name that they share. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value)
  }

  readonly why: RefusalWhy
  /** Milliseconds after which it is worth asking again. */
  readonly retryAfterMs: number
  readonly state: QueueState

  /**
   * @param why see {@link RefusalWhy}
   * @param retryAfterMs milliseconds after which there may be room
   * @param state of the key, when it was refused
   */
  constructor(why: RefusalWhy, retryAfterMs: number, state: QueueState) {
    const mine = why === 'waiting' || why === 'wait' || why === 'group'
    const seconds = Math.ceil(retryAfterMs / 1000)
    super('busy', `${messages[why]} Try again in ${seconds} s.`, {
      retryable: true,
      status: mine ? 429 : 503,
    })
    this.why = why
    this.retryAfterMs = retryAfterMs
    this.state = state
  }
}

const messages: Readonly<Record<RefusalWhy, string>> = {
  waiting: 'Too many of your requests are waiting.',
  wait: 'Your turn would come too late.',
  group: 'Too many requests of your network are waiting.',
  slots: 'All slots stayed in use.',
  total: 'Too many requests are waiting.',
  keys: 'Too many clients are being served.',
  store: 'The queue cannot be reached.',
  closed: 'The queue is closed.',
}

/**
 * What a queue does while its store fails: `local` limits within this process, `open` lets everybody start (waiting
 * bounds and the whole queue's limit still hold), `closed` refuses.
 */
export type FailMode = 'local' | 'open' | 'closed'

/** How a queue works; limits of a key come with each ticket instead. */
export interface QueueOptions {
  /** Slots of the whole queue, in this process. Default: 32. */
  readonly limit?: number
  /** Waiting at once, all keys together; one more is refused with 503. Default: 1000. */
  readonly maxWaiting?: number
  /** Waiting at once, all keys of one {@link Ticket.group} together. Default: a tenth of {@link maxWaiting}. */
  readonly maxWaitingPerGroup?: number
  /**
   * Slots per pool that only tickets of this pool may use, so that others can never hold all slots. A pool may use
   * unreserved slots too. Together they must be fewer than {@link limit}; when {@link Queue.setLimit} lowers it, they
   * shrink in proportion, and at least one slot stays open to all. Default: none.
   *
   * @example { limit: 32, reserved: { token: 8 } } // tickets without `pool: 'token'` hold 24 slots at most
   */
  readonly reserved?: Readonly<Record<string, number>>
  /** Keys with work at once, and keys that the default store remembers. Default: 10 000. */
  readonly maxKeys?: number
  /** Where limits are counted. Default: this process. */
  readonly store?: LimitStore
  /** Milliseconds that a slot outlives a process that vanished; leases are renewed every third of it. Default: 120 000. */
  readonly leaseMs?: number
  /** Default: `local`. */
  readonly failMode?: FailMode
  /** Processes that share the store: in `failMode` `local` each takes this part of a limit. Default: 1. */
  readonly instances?: number
  /** Milliseconds; a store that has not answered by then has failed. Default: 1000. */
  readonly storeTimeoutMs?: number
  /** Milliseconds between two tries for a place that another process holds. Default: 250. */
  readonly pollMs?: number
  /** Told of each step, within the call that makes it: keep it short. What it throws is dropped. */
  readonly onEvent?: (event: QueueEvent) => void
  /** Told why the store failed, at most once a minute. What it throws is dropped. */
  readonly onStoreError?: (error: unknown) => void
  readonly clock?: Clock
}

type Callback = 'onEvent' | 'onStoreError'

/** Complete options of a queue. */
export type QueueSettings = Required<Omit<QueueOptions, Callback>> & Pick<QueueOptions, Callback>
