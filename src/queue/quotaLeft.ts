import type { KeyLimits } from './KeyLimits.ts'

/**
 * Starts that the interval lets through at once, and when there will be one more.
 *
 * @param usedUntil epoch milliseconds up to which starts are handed out
 * @param now epoch milliseconds
 * @returns `resetMs` milliseconds; 0 when nothing is used
 */
export function quotaLeft(
  usedUntil: number,
  { intervalMs, concurrency }: Pick<KeyLimits, 'intervalMs' | 'concurrency'>,
  now: number,
): { remaining: number; resetMs: number } {
  if (intervalMs === 0 || usedUntil <= now) return { remaining: concurrency, resetMs: 0 }
  const step = intervalMs / concurrency
  // Starts come on whole milliseconds, as nextStart rounds them.
  const used = Math.ceil((usedUntil - now - 0.99) / step)
  if (used <= 0) return { remaining: concurrency, resetMs: 0 }
  const remaining = Math.max(0, concurrency - used)
  const nextAt = Math.floor(usedUntil - (concurrency - remaining - 1) * step + 0.01)
  return { remaining, resetMs: nextAt - now }
}
