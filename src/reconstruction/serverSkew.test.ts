import { expect, test } from 'vitest'
import { deadline } from './signed-url.ts'
import { serverSkew } from './signed-url.ts'

const noon = Date.UTC(2026, 10, 22, 12)
const date = 'Sun, 22 Nov 2026 12:00:00 GMT'
const amz = 'https://s3.example/k?X-Amz-Date=20261122T120000Z&X-Amz-Expires=60'
const older = 'https://gcs.example/k?X-Goog-Date=20261122T110000Z&X-Goog-Expires=60'
const expiresOnly = 'https://cdn.example/k?Expires=1795343400'

test.each([
  ['nothing to go by', null, [], noon, 0],
  ['an expiry alone', null, [expiresOnly], noon, 0],
  ['the same clock, early in the second', date, [], noon + 10, 0],
  ['the same clock, late in the second', date, [], noon + 990, 0],
  ['local clock an hour behind', date, [], noon - 3_600_000, 3_600_450],
  ['local clock two hours ahead', date, [], noon + 7_200_000, -7_199_550],
  ['no Date: the newest signing date', null, [older, amz], noon - 3_600_000, 3_600_450],
  ['Date before signing dates', date, [older], noon, 0],
  ['a Date that is none', 'yesterday', [amz], noon - 3_600_000, 3_600_450],
])('%s', (_, date, urls, receivedAt, skew) => {
  expect(serverSkew({ date, urls, sentAt: receivedAt - 100, receivedAt })).toBe(
    // The middle of what a date in whole seconds and a round trip of 100 ms leave open, plus the trip's half.
    skew === 0 ? 0 : skew + 100,
  )
})

test('the deadline is the first expiry there is', () => {
  expect(deadline([])).toBeNull()
  expect(deadline(['https://a.example/plain'])).toBeNull()
  expect(deadline([expiresOnly, 'https://a.example/plain', amz])).toBe(1795343400000)
  expect(deadline([amz, 'https://a.example/?Expires=1795300000'])).toBe(1795300000000)
})
