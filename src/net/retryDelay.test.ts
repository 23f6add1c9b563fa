import { expect, test } from 'vitest'
import { retryDelay } from './retryDelay.ts'

const policy = { delayMs: 500, maxDelayMs: 30_000 }

test.each([
  [1, 0, null, 0],
  [1, 0.5, null, 250],
  [2, 0.5, null, 500],
  [5, 0.5, null, 4_000],
  [7, 0.5, null, 15_000],
  [2_000, 0.999, null, 29_970],
  [1, 0.5, 0, 250],
  [1, 0.5, 7_000, 7_000],
  [7, 0.5, 7_000, 15_000],
  [1, 0.5, 30_000, 30_000],
  [1, 0.5, 30_001, null],
])('after %i failures, random %d, Retry-After %j: %j', (failures, random, retryAfterMs, delay) => {
  expect(retryDelay(policy, { failures, random, retryAfterMs })).toBe(delay)
})
