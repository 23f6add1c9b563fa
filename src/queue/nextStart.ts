import type { StartRequest } from './StartRequest.ts'

/**
 * When the next start may be, and up to where the quota is used then: the generic cell rate algorithm in its
 * virtual-scheduling form (ITU-T I.371, annex A), with a burst of one interval's starts.
 *
 * @param usedUntil epoch milliseconds up to which starts are handed out already
 * @param now epoch milliseconds
 */
export function nextStart(
  usedUntil: number,
  request: Pick<StartRequest, 'intervalMs' | 'perInterval' | 'cost'>,
  now: number,
): { start: number; usedUntil: number } {
  const step = request.intervalMs / request.perInterval
  // Whole milliseconds: thirds of a second do not add up exactly, and nobody should wait for the rounding error.
  const allowed = Math.floor(usedUntil - (request.perInterval - 1) * step + 0.01)
  return {
    start: Math.max(now, allowed),
    usedUntil: Math.max(now, usedUntil) + request.cost * step,
  }
}
