// The options of createQueue(): types, defaults and checks.
import { type Clock, FerryError, systemClock } from '../core/index.ts'
import { checkWhole, type LimitStore } from './limit-store.ts'
import { createMemoryStore } from './memory-store.ts'
import type { QueueEvent } from './queue.ts'

/** Options of a queue. The limits of a key come with each ticket instead. */
export interface QueueOptions {
  /** Slots of the whole queue, in this process. Default: 32. */
  readonly limit?: number
  /** Tickets of all keys that wait at once; one more is refused with 503. Default: 1000. */
  readonly maxWaiting?: number
  /** Tickets of one `Ticket.group` that wait at once. Default: a tenth of {@link maxWaiting}. */
  readonly maxWaitingPerGroup?: number
  /**
   * Slots per pool that only tickets of this pool may use, so that others can never hold all slots. A pool may use
   * unreserved slots too. Together they must be fewer than {@link limit}; when `setLimit` lowers it, they
   * shrink in proportion, and at least one slot stays unreserved. Default: none.
   *
   * @example { limit: 32, reserved: { token: 8 } } // tickets without `pool: 'token'` hold 24 slots at most
   */
  readonly reserved?: Readonly<Record<string, number>>
  /** Keys with work at once, and keys that the default store remembers. Default: 10 000. */
  readonly maxKeys?: number
  /** Where limits are counted. Default: in this process. */
  readonly store?: LimitStore
  /** Milliseconds for which a slot stays in use after its process ended without releasing it. Leases are renewed every third of
   * it. Default: 120 000. */
  readonly leaseMs?: number
  /** Default: `local`. */
  readonly failMode?: FailMode
  /** Processes that share the store. In `failMode` `local` each uses this part of a limit. Default: 1. */
  readonly instances?: number
  /** Milliseconds after which a call to the store counts as failed. Default: 1000. */
  readonly storeTimeoutMs?: number
  /** Milliseconds between two tries for a lease that another process holds. Default: 250. */
  readonly pollMs?: number
  /** Called at each step of a ticket, synchronously: keep it short. Its errors are dropped. */
  readonly onEvent?: (event: QueueEvent) => void
  /** Called with the reason when the store fails, at most once a minute. Its errors are dropped. */
  readonly onStoreError?: (error: unknown) => void
  readonly clock?: Clock
}

/**
 * Admission while the store fails: `local` limits are counted in this process, `open` every ticket starts (the bounds
 * of the waiting room and the queue's limit still hold), `closed` every ticket is refused.
 */
export type FailMode = 'local' | 'open' | 'closed'

type Callback = 'onEvent' | 'onStoreError'

/** Complete options of a queue. */
export type QueueSettings = Required<Omit<QueueOptions, Callback>> & Pick<QueueOptions, Callback>

const minimums = {
  limit: 1,
  maxWaiting: 0,
  maxWaitingPerGroup: 0,
  maxKeys: 1,
  leaseMs: 3,
  instances: 1,
  storeTimeoutMs: 1,
  pollMs: 1,
} as const

const failModes: readonly FailMode[] = ['local', 'open', 'closed']

/**
 * Checks options and completes them with their defaults.
 *
 * @throws FerryError `configuration`, naming the wrong option
 */
export function resolveOptions(options: QueueOptions): QueueSettings {
  const { maxKeys = 10_000, maxWaiting = 1000, clock = systemClock } = options
  const settings: QueueSettings = {
    limit: 32,
    maxWaiting,
    maxWaitingPerGroup: Math.ceil(maxWaiting / 10),
    reserved: {},
    maxKeys,
    leaseMs: 120_000,
    failMode: 'local',
    instances: 1,
    storeTimeoutMs: 1000,
    pollMs: 250,
    clock,
    ...options,
    store: options.store ?? createMemoryStore({ maxKeys, clock }),
  }
  for (const [name, minimum] of Object.entries(minimums) as [keyof typeof minimums, number][]) {
    checkWhole(`The queue's ${name}`, settings[name], minimum)
  }
  checkReserved(settings)
  if (!failModes.includes(settings.failMode)) {
    throw wrong(`The queue's failMode is "${settings.failMode}"; give ${failModes.join(', ')}.`)
  }
  if (!settings.store.capabilities.atomic) {
    throw wrong(
      'The limit store is not atomic: two processes could both get the last slot. Use a store that checks and ' +
        'changes in one step, or none to count in this process.',
    )
  }
  return settings
}

function checkReserved({ reserved, limit }: QueueSettings): void {
  let all = 0
  for (const [pool, slots] of Object.entries(reserved)) {
    checkWhole(`The queue's reserved.${pool}`, slots, 0)
    all += slots
  }
  if (all < limit) return
  throw wrong(
    `The queue's reserved slots are ${all} of ${limit}; reserve at most ${limit - 1}, so that one stays unreserved.`,
  )
}

function wrong(message: string): FerryError {
  return new FerryError('configuration', message)
}
