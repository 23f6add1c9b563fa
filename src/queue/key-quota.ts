// Pure policies over the counters of one key: what is left of its quota, and when a retry makes sense.

import type { KeyLimits, QueueState } from './queue.ts'

/** Counters of one key. */
export interface KeyCounts {
  /** Theoretical arrival time (GCRA): epoch milliseconds up to which starts are handed out. */
  readonly tat: number
  readonly running: number
  /** Tickets whose start has come and that wait for a slot. */
  readonly ready: number
  /** All waiting tickets. */
  readonly waiting: number
}

/**
 * State of a key as slots, refusals and events report it.
 *
 * @param now epoch milliseconds
 */
export function keyState(limits: KeyLimits, counts: KeyCounts, now: number): QueueState {
  const { running, waiting } = counts
  const quota = quotaLeft(counts.tat, limits, now)
  const free = Math.max(0, limits.concurrency - running - counts.ready)
  const byQuota = free >= quota.remaining
  return {
    waiting,
    running,
    cap: limits.concurrency,
    max: limits.maxWaiting,
    remaining: byQuota ? quota.remaining : free,
    resetMs: byQuota ? quota.resetMs : Math.max(quota.resetMs, unknownMs),
  }
}

/**
 * Starts that the interval admits at once, and when one more is admitted.
 *
 * @param tat see {@link KeyCounts}
 * @param now epoch milliseconds
 * @returns `resetMs` milliseconds; 0 when the quota is unused
 */
export function quotaLeft(
  tat: number,
  { intervalMs, concurrency }: Pick<KeyLimits, 'intervalMs' | 'concurrency'>,
  now: number,
): { remaining: number; resetMs: number } {
  if (intervalMs === 0 || tat <= now) return { remaining: concurrency, resetMs: 0 }
  const step = intervalMs / concurrency
  // Starts are rounded to whole milliseconds, see nextStart.
  const used = Math.ceil((tat - now - 0.99) / step)
  if (used <= 0) return { remaining: concurrency, resetMs: 0 }
  const remaining = Math.max(0, concurrency - used)
  const nextAt = Math.floor(tat - (concurrency - remaining - 1) * step + 0.01)
  return { remaining, resetMs: nextAt - now }
}

/** Retry delay in milliseconds where the time cannot be computed: the end of running work is unknown. */
export const unknownMs = 1000

/**
 * Milliseconds until the next waiting ticket of a key starts and its waiting place becomes free.
 *
 * @param nextStart epoch milliseconds of the key's next reserved start; undefined: none
 * @param ready tickets that wait for a slot
 * @param now epoch milliseconds
 * @returns undefined where it depends on the end of running work
 */
export function retryHint(
  nextStart: number | undefined,
  ready: number,
  now: number,
): number | undefined {
  return nextStart !== undefined && ready === 0 ? nextStart - now : undefined
}

/**
 * Delay for `Retry-After`. It is never shorter than the time until the quota grows, which `RateLimit` reports in the
 * same response: the two must not contradict each other.
 *
 * @param hintMs as {@link retryHint} gives it
 * @returns milliseconds
 */
export function retryAfterDelay(
  hintMs: number | undefined,
  { resetMs }: Pick<QueueState, 'resetMs'>,
): number {
  return Math.max(hintMs ?? unknownMs, resetMs)
}
