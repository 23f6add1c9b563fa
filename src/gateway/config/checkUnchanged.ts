import type { QueueConfig } from '../../config/QueueConfig.ts'
import { FerryError } from '../../core/FerryError.ts'

/** What a queue keeps from its beginning to its end. */
const fixed = ['maxWaiting', 'maxKeys', 'leaseSeconds', 'failMode', 'instances'] as const

/**
 * Refuses a new configuration that the queue, with people in it, cannot follow.
 *
 * @throws FerryError `configuration`, naming the entries
 */
export function checkUnchanged(before: QueueConfig, after: QueueConfig): void {
  const changed = [
    ...fixed.filter((name) => before[name] !== after[name]),
    // Where the limit follows the load it has left the value that is written there.
    ...(before.scaling.mode === 'on' && before.concurrency !== after.concurrency
      ? ['concurrency']
      : []),
    ...(JSON.stringify(before.scaling) === JSON.stringify(after.scaling) ? [] : ['scaling']),
  ].map((name) => `queue.${name}`)
  if (changed.length === 0) return
  throw new FerryError(
    'configuration',
    `The new configuration changes ${changed.join(', ')}, which holds from start to end. Start again for it; the old one stays in force.`,
  )
}
