import type { Block } from './Block.ts'

/** A request may begin later than planned, and clocks drift. */
const marginMs = 60_000

/**
 * Whether a block's URLs may still be asked. Stores check the expiry when a request begins.
 *
 * The margin is a minute plus the time needed, but never more than a quarter of the lifetime the URLs had
 * on arrival: they may live for seconds only. URLs that had already expired on arrival, by the clock as
 * we know it, prove only that the clock is wrong, and are used until refused.
 *
 * @param now local epoch milliseconds
 * @param neededMs expected time until the last request with this block has begun, milliseconds
 */
export function isUsable(
  { deadline, skew, fetchedAt }: Block,
  now: number,
  neededMs: number = 0,
): boolean {
  if (deadline === null) return true
  const lifetime = deadline - (fetchedAt + skew)
  if (lifetime <= 0) return true
  const margin = Math.min(marginMs + neededMs, lifetime / 4)
  return now + skew < deadline - margin
}
