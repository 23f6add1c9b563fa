import type { RetryPolicy } from './RetryPolicy.ts'

export interface FailedTry {
  /** Tries that have failed, 1 or more. */
  readonly failures: number
  /** 0 inclusive to 1 exclusive. */
  readonly random: number
}

/**
 * How long to wait before the next try, milliseconds: exponential with full jitter, so that many clients
 * that failed together do not come back together.
 */
export function retryDelay(
  { delayMs, maxDelayMs }: Pick<RetryPolicy, 'delayMs' | 'maxDelayMs'>,
  { failures, random }: FailedTry,
): number {
  return Math.round(random * Math.min(maxDelayMs, delayMs * 2 ** (failures - 1)))
}
