import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRetryAfter } from './introspection.ts'

const now = Date.UTC(2026, 10, 22, 10, 30)

test.each([
  [null, undefined],
  ['', undefined],
  ['0', 0],
  [' 7 ', 7000],
  ['301', 300_000],
  ['99999999999999999999', 300_000],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['soon', undefined],
  ['Sun, 22 Nov 2026 10:30:30 GMT', 30_000],
  ['Sunday, 22-Nov-26 10:30:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 10:29:30 GMT', 0],
  ['Sun, 22 Nov 2046 10:30:30 GMT', 300_000],
  ['Sun, 99 Nov 2026 10:30:30 GMT', undefined],
])('%j: %j', (header, ms) => {
  expect(readRetryAfter(header, now, 300_000)).toBe(ms)
})

test('any text gives nothing or a time within bounds', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const ms = readRetryAfter(header, now, 300_000)
      expect(ms === undefined || (ms >= 0 && ms <= 300_000)).toBe(true)
    }),
  )
})
