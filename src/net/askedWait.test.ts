import { expect, test } from 'vitest'
import { askedWait } from './backoff.ts'

const none = '"queue";r=0;t=6'

test.each([
  ['a 429 that says when', 429, { 'retry-after': '7' }, 7_000],
  ['a 503 that says when', 503, { 'retry-after': '7' }, 7_000],
  ['a date', 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }, 9_000],
  ['a date that has passed', 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, null],
  ['a 429 without any hint', 429, {}, null],
  ['Retry-After wins', 429, { 'retry-after': '2', ratelimit: none }, 2_000],
  ['also where it means now', 429, { 'retry-after': '0', ratelimit: none }, null],
  ['a malformed one does not', 429, { 'retry-after': 'soon', ratelimit: none }, 6_000],
  ['RateLimit alone', 429, { ratelimit: none }, 6_000],
  ['the last one for now', 200, { ratelimit: none }, 6_000],
  ['the last one for now, and a refusal', 404, { ratelimit: none }, 6_000],
  ['a success with quota left', 206, { ratelimit: '"queue";r=3;t=6' }, null],
  ['Retry-After of a success', 202, { 'retry-after': '7' }, null],
  ['Retry-After of a final refusal', 403, { 'retry-after': '7' }, null],
  ['out of a cache', 200, { ratelimit: none, age: '3' }, null],
] as const)('%s', (_, status, headers, expected) => {
  expect(askedWait(new Response(null, { status, headers }), 0)).toBe(expected)
})
