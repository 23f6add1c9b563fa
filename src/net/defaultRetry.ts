import type { RetryPolicy } from './RetryPolicy.ts'

/**
 * Patient enough for a network change: finished within about two minutes when nobody answers, and within
 * 16 s when connections are refused at once although the browser says that it is online.
 */
export const defaultRetry: RetryPolicy = {
  attempts: 6,
  renewals: 2,
  delayMs: 500,
  maxDelayMs: 30_000,
  maxWaitMs: 10 * 60_000,
  patienceMs: 25_000,
  stallMs: 20_000,
  firstByteMs: 20_000,
}
