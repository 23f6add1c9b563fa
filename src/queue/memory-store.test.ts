import { expect, test } from 'vitest'
import { idleLife, nextStart } from './memory-store.ts'

const now = 1_000_000

test.each([
  ['a fresh key', 0, 1, 1, now, now + 6000],
  ['a key at work', now + 6000, 1, 1, now + 6000, now + 12_000],
  ['the middle of a burst', now + 2000, 3, 1, now, now + 4000],
  ['the end of a burst', now + 4000, 3, 1, now, now + 6000],
  ['after a burst', now + 6000, 3, 1, now + 2000, now + 8000],
  ['a rounding error', now + 4000.001, 3, 1, now, now + 6000.001],
  ['something dear', now, 1, 5, now, now + 30_000],
])('next start of %s', (_, usedUntil, perInterval, cost, start, after) => {
  const request = { intervalMs: 6000, perInterval, cost }
  expect(nextStart(usedUntil, request, now)).toEqual({ start, tat: after })
})

test('idle keys are kept for two intervals or five minutes', () => {
  expect([idleLife(0), idleLife(6000), idleLife(400_000)]).toEqual([300_000, 300_000, 800_000])
})
