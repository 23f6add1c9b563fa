import type { ByteRange } from '../core/ByteRange.ts'
import type { Ledger } from './Ledger.ts'

/** What may leave: the last run is held back until the whole file is proven. */
export function releasableOf({ releasable, lastRunStart, size }: Ledger): ByteRange[] {
  const until = lastRunStart ?? size - 1
  return releasable.ranges
    .map(({ start, end }) => ({ start, end: Math.min(end, until) }))
    .filter(({ start, end }) => start < end)
}
