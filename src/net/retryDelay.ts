import type { RetryPolicy } from './RetryPolicy.ts'

export interface FailedTry {
  /** Tries that have failed, 1 or more. */
  readonly failures: number
  /** 0 inclusive to 1 exclusive. */
  readonly random: number
  /** What the server asked for ({@link parseRetryAfter}), milliseconds; null: nothing. */
  readonly retryAfterMs?: number | null
}

/**
 * How long to wait before the next try: exponential with full jitter, so that many clients that failed
 * together do not come back together, and never before the server's own `Retry-After`.
 *
 * @returns milliseconds; null when the server wants to be left alone for longer than the policy waits
 */
export function retryDelay(
  { delayMs, maxDelayMs }: Pick<RetryPolicy, 'delayMs' | 'maxDelayMs'>,
  { failures, random, retryAfterMs = null }: FailedTry,
): number | null {
  if (retryAfterMs !== null && retryAfterMs > maxDelayMs) return null
  const ceiling = Math.min(maxDelayMs, delayMs * 2 ** (failures - 1))
  return Math.max(Math.round(random * ceiling), retryAfterMs ?? 0)
}
