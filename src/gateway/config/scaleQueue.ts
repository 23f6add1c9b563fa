import type { QueueConfig } from '../../config/QueueConfig.ts'
import type { Clock } from '../../core/Clock.ts'
import { createScaling } from '../../queue/createScaling.ts'
import type { Queue } from '../../queue/Queue.ts'
import type { Observer } from '../record/Observer.ts'

/**
 * Lets the limit of a queue follow the load.
 *
 * @param queue whose limit is set, unless it is only tried
 * @param config `concurrency` is where it begins
 * @param note told of each change
 * @returns what has to be told of requests that ended; none when the limit stays
 */
export function scaleQueue(
  queue: Queue,
  { concurrency, scaling: { mode, ...rules } }: QueueConfig,
  { clock, note }: { readonly clock: Clock; readonly note?: (message: string) => void },
): readonly Observer[] {
  if (mode === 'off') return []
  const isTried = mode === 'dry-run'
  const scaling = createScaling({
    ...rules,
    initial: concurrency,
    dryRun: isTried,
    totals: () => queue.totals,
    onChange({ from, to, why }) {
      if (!isTried) queue.setLimit(to)
      note?.(`The queue's limit ${isTried ? 'would go' : 'goes'} from ${from} to ${to}: ${why}.`)
    },
    clock,
  })
  return [
    {
      ended({ waitMs, runMs, inFlight, outcome }) {
        // Who had no slot says nothing of the load, and a failure of the service's own nothing of its room.
        if (waitMs === null || runMs === null || inFlight === null) return
        const told = outcome === 'server-error' ? 'client-error' : outcome
        scaling.complete({ waitMs, runMs, outcome: told, inFlight })
      },
    },
  ]
}
