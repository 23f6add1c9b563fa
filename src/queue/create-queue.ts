import { FerryError, systemClock } from '../core/index.ts'
import { FairQueue } from './fair-queue.ts'
import { checkWhole } from './limit-store.ts'
import { createMemoryStore } from './memory-store.ts'
import type { FailMode, QueueOptions, QueueSettings, Queue } from './types.ts'

const least = {
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
 * Options with their defaults.
 *
 * @throws FerryError `configuration` naming the option that is wrong
 */
export function completeOptions(options: QueueOptions): QueueSettings {
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
  for (const [name, minimum] of Object.entries(least) as [keyof typeof least, number][]) {
    checkWhole(`The queue's ${name}`, settings[name], minimum)
  }
  const reserved = Object.entries(settings.reserved)
  for (const [pool, slots] of reserved) checkWhole(`The queue's reserved.${pool}`, slots, 0)
  const all = reserved.reduce((sum, [, slots]) => sum + slots, 0)
  if (all >= settings.limit) {
    const message = `The queue's reserved slots are ${all} of ${settings.limit}; leave at least one to all.`
    throw new FerryError('configuration', message)
  }
  if (!failModes.includes(settings.failMode)) {
    const message = `The queue's failMode is "${settings.failMode}"; give ${failModes.join(', ')}.`
    throw new FerryError('configuration', message)
  }
  if (!settings.store.capabilities.atomic) {
    throw new FerryError(
      'configuration',
      'The limit store is not atomic: two processes could both take the last place. Give a store whose ' +
        'check and change are one step, or none to count within this process.',
    )
  }
  return settings
}

/**
 * A queue that is fair between keys: each starts no faster and runs no more at once than its limits say, and keys that
 * wait for the same slots take turns by weight. Within a key: by priority, then first come, first served.
 *
 * Idle, it has no timers.
 *
 * @throws FerryError `configuration` naming the option that is wrong; also for a store that is not atomic
 * @example
 * const queue = createQueue({ limit: 32 })
 * const limits = { intervalMs: 6000, concurrency: 1, maxWaiting: 5, maxWaitMs: 60_000, weight: 1 }
 * await queue.run({ key: 'ip:203.0.113.7', limits }, ({ signal }) => fetch(url, { signal }), signal)
 */
export function createQueue(options: QueueOptions = {}): Queue {
  return new FairQueue(completeOptions(options))
}
