import { FerryError } from '../core/FerryError.ts'
import { systemClock } from '../core/systemClock.ts'
import { checkWhole } from './checkWhole.ts'
import { createMemoryStore } from './createMemoryStore.ts'
import type { FailMode } from './FailMode.ts'
import type { QueueOptions } from './QueueOptions.ts'
import type { QueueSettings } from './QueueSettings.ts'

const least = {
  limit: 1,
  maxWaiting: 0,
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
  const { maxKeys = 10_000, clock = systemClock } = options
  const settings: QueueSettings = {
    limit: 32,
    maxWaiting: 1000,
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
