import { expect, test } from 'vitest'
import { parseRetryAfter } from './backoff.ts'

const now = Date.UTC(2026, 10, 22, 10, 30)

test.each([
  [null, null],
  ['', null],
  ['0', 0],
  [' 120 ', 120_000],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['99999999999', null],
  ['Sun, 22 Nov 2026 10:30:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 10:29:30 GMT', 0],
])('%j: %j', (header, ms) => {
  expect(parseRetryAfter(header, now)).toBe(ms)
})
