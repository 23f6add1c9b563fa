import { completeOptions } from './completeOptions.ts'
import { FairQueue } from './FairQueue.ts'
import type { Queue } from './Queue.ts'
import type { QueueOptions } from './QueueOptions.ts'

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
