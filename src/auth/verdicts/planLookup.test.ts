import { expect, test } from 'vitest'
import { planLookup } from './verdict-cache.ts'
import type { Lookup } from './verdict-cache.ts'
import type { VerdictEntry } from './verdict-cache.ts'
import type { VerdictRules } from './verdict-cache.ts'

const rules: VerdictRules = {
  freshMs: 60_000,
  staleMs: 240_000,
  errorMs: 300_000,
  invalidMs: 10_000,
  skewMs: 5000,
}
const start = 1_800_000_000_000

function plan(
  age: number,
  entry: Partial<VerdictEntry> = {},
  other: Partial<VerdictRules> = {},
  revokedSince?: number,
): Lookup {
  const kept: VerdictEntry = {
    verdict: { state: 'valid', sub: 'u1' },
    checkedAt: start,
    freshMs: 60_000,
    retryAt: 0,
    ...entry,
  }
  return planLookup(kept, start + age, revokedSince, { ...rules, ...other })
}

test('nothing kept: ask', () => {
  expect(planLookup(undefined, start, undefined, rules)).toBe('ask')
})

test.each<[number, Lookup]>([
  [-1, 'ask'],
  [0, 'hit'],
  [59_999, 'hit'],
  [60_000, 'stale-ask'],
  [299_999, 'stale-ask'],
  [300_000, 'ask'],
])('a positive verdict %i ms old: %s', (age, lookup) => {
  expect(plan(age)).toBe(lookup)
})

test.each<[number, Lookup]>([
  [-1, 'ask'],
  [0, 'hit'],
  [9999, 'hit'],
  [10_000, 'ask'],
])('a negative verdict %i ms old: %s', (age, lookup) => {
  expect(plan(age, { verdict: { state: 'invalid' } })).toBe(lookup)
})

test.each<[number, number, Lookup]>([
  [100_000, 100_001, 'stale'],
  [100_000, 100_000, 'stale-ask'],
  [299_999, 310_000, 'stale'],
  [300_000, 310_000, 'ask'],
])('%i ms old, the next try %i ms after the beginning: %s', (age, retry, lookup) => {
  expect(plan(age, { retryAt: start + retry })).toBe(lookup)
})

test.each<[number, number, Lookup]>([
  // Used on errors for longer than beside questions: then the question comes first.
  [500_000, 299_999, 'stale-ask'],
  [500_000, 300_000, 'ask-else-stale'],
  [500_000, 499_999, 'ask-else-stale'],
  [500_000, 500_000, 'ask'],
  // For shorter: it counts once a question has failed.
  [100_000, 100_000, 'stale-ask'],
])('with errorMs %i, %i ms old: %s', (errorMs, age, lookup) => {
  expect(plan(age, {}, { errorMs })).toBe(lookup)
})

test('after a failure, errorMs is the end even where it is the shorter time', () => {
  expect(plan(99_999, { retryAt: 1 }, { errorMs: 100_000 })).toBe('stale-ask')
  expect(plan(100_000, { retryAt: 1 }, { errorMs: 100_000 })).toBe('ask')
})

test('a token ends when it ends', () => {
  const verdict = { state: 'valid', sub: 'u1', expiresAt: start + 30_000 } as const
  expect(plan(29_999, { verdict })).toBe('hit')
  expect(plan(30_000, { verdict })).toBe('ask')
})

test('a shorter freshness that the validator wished', () => {
  expect(plan(4999, { freshMs: 5000 })).toBe('hit')
  expect(plan(5000, { freshMs: 5000 })).toBe('stale-ask')
  expect(plan(245_000, { freshMs: 5000 })).toBe('ask-else-stale')
})

test.each<[number, Lookup]>([
  [-5000, 'hit'],
  [-4999, 'ask-else-invalid'],
  [0, 'ask-else-invalid'],
  [1000, 'ask-else-invalid'],
])('a fresh verdict whose key was revoked %i ms after it: %s', (after, lookup) => {
  expect(plan(1000, {}, {}, start + after)).toBe(lookup)
})

test('a revoked verdict says nothing after its life', () => {
  expect(plan(299_999, {}, {}, start + 1)).toBe('ask-else-invalid')
  expect(plan(300_000, {}, {}, start + 1)).toBe('ask')
})
