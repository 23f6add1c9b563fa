import { insertRanked } from './insertRanked.ts'
import type { KeyRecord } from './KeyRecord.ts'

/**
 * Makes as many of a key ready as starts have come. Starts of equal cost are interchangeable: the first in rank takes
 * the earliest, so that a priority counts, and whoever leaves lets the others move up.
 *
 * @param now epoch milliseconds
 */
export function ripen({ permits, pending, ready }: KeyRecord, now: number): void {
  for (let permit = permits[0]; permit && permit.start <= now; permit = permits[0]) {
    permits.shift()
    let waiter = pending.head
    while (waiter && waiter.cost !== permit.cost) waiter = waiter.after
    if (!waiter) continue
    pending.remove(waiter)
    waiter.permit = permit
    waiter.phase = 'ready'
    insertRanked(ready, waiter)
  }
}
