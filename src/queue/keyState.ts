import type { KeyLimits } from './KeyLimits.ts'
import type { QueueState } from './QueueState.ts'
import { quotaLeft } from './quotaLeft.ts'
import { unknownMs } from './unknownMs.ts'

/** What is counted for a key. */
export interface KeyCounts {
  /** Epoch milliseconds up to which its starts are handed out. */
  readonly usedUntil: number
  readonly running: number
  /** Wait for a place, and may start. */
  readonly ready: number
  /** Wait, for whatever reason. */
  readonly waiting: number
}

/**
 * How a key stands.
 *
 * @param now epoch milliseconds
 */
export function keyState(limits: KeyLimits, counts: KeyCounts, now: number): QueueState {
  const { running, waiting } = counts
  const quota = quotaLeft(counts.usedUntil, limits, now)
  const places = Math.max(0, limits.concurrency - running - counts.ready)
  const byQuota = places >= quota.remaining
  return {
    waiting,
    running,
    cap: limits.concurrency,
    max: limits.maxWaiting,
    remaining: byQuota ? quota.remaining : places,
    resetMs: byQuota ? quota.resetMs : Math.max(quota.resetMs, unknownMs),
  }
}
