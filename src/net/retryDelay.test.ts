import { expect, test } from 'vitest'
import { retryDelay } from './retry.ts'

const policy = { delayMs: 500, maxDelayMs: 30_000 }

test.each([
  [1, 0, 0],
  [1, 0.5, 250],
  [2, 0.5, 500],
  [5, 0.5, 4_000],
  [7, 0.5, 15_000],
  [2_000, 0.999, 29_970],
])('after %i failures, random %d: %i', (failures, random, delay) => {
  expect(retryDelay(policy, { failures, random })).toBe(delay)
})
