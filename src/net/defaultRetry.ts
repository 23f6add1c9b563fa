import type { RetryPolicy } from './RetryPolicy.ts'

/** Patient enough for a network change, and finished within about two minutes when nobody answers. */
export const defaultRetry: RetryPolicy = {
  attempts: 6,
  renewals: 2,
  delayMs: 500,
  maxDelayMs: 30_000,
  stallMs: 20_000,
  firstByteMs: 20_000,
}
