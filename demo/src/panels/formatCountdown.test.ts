import { expect, it } from 'vitest'
import { formatCountdown } from './formatCountdown.ts'

it.each([
  [300_000, '5:00'],
  [61_001, '1:02'],
  [1, '0:01'],
  [0, '0:00'],
  [-5000, '0:00'],
])('says %i ms as %s', (milliseconds, words) => {
  expect(formatCountdown(milliseconds)).toBe(words)
})
