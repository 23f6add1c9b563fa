import { expect, test } from 'vitest'
import { LinkedList } from './linked-list.ts'
import { chooseLane } from './slot-scheduler.ts'
import { idleLife } from './memory-store.ts'
import { keyState } from './key-quota.ts'
import type { Linked } from './linked-list.ts'
import { nextStart } from './memory-store.ts'
import { quotaLeft } from './key-quota.ts'
import { ranksBefore } from './waiter.ts'
import { retryDelay } from './key-quota.ts'
import { shareLimits } from './failover-store.ts'
import { tiers } from './testing/tiers.ts'

const now = 1_000_000

test.each([
  ['a fresh key', 0, 1, 1, now, now + 6000],
  ['a key at work', now + 6000, 1, 1, now + 6000, now + 12_000],
  ['the rest of a burst', now + 2000, 3, 1, now, now + 4000],
  ['the end of a burst', now + 4000, 3, 1, now, now + 6000],
  ['after a burst', now + 6000, 3, 1, now + 2000, now + 8000],
  ['a rounding error', now + 4000.001, 3, 1, now, now + 6000.001],
  ['something dear', now, 1, 5, now, now + 30_000],
])('next start of %s', (_, usedUntil, perInterval, cost, start, after) => {
  const request = { intervalMs: 6000, perInterval, cost }
  expect(nextStart(usedUntil, request, now)).toEqual({ start, tat: after })
})

test.each([
  ['unused', 0, 3, 3, 0],
  ['used up long ago', now, 3, 3, 0],
  ['one used', now + 2000, 3, 2, 2000],
  ['one half back', now + 1000, 3, 2, 1000],
  ['all used', now + 6000, 3, 0, 2000],
  ['more than all used', now + 10_000, 3, 0, 6000],
  ['almost back', now + 1, 1, 0, 1],
  ['back but for rounding', now + 0.4, 1, 1, 0],
])('quota: %s', (_, usedUntil, concurrency, remaining, resetMs) => {
  const quota = quotaLeft(usedUntil, { intervalMs: 6000, concurrency }, now)
  expect(quota).toEqual({ remaining, resetMs })
  if (resetMs === 0) return
  const later = quotaLeft(usedUntil, { intervalMs: 6000, concurrency }, now + resetMs)
  const before = quotaLeft(usedUntil, { intervalMs: 6000, concurrency }, now + resetMs - 1)
  expect([before.remaining, later.remaining]).toEqual([remaining, remaining + 1])
})

test.each([
  ['idle', { tat: 0, running: 0, ready: 0, waiting: 0 }, 3, 0],
  ['by quota', { tat: now + 1000, running: 1, ready: 0, waiting: 0 }, 0, 333],
  ['by places', { tat: now, running: 1, ready: 0, waiting: 0 }, 2, 1000],
  ['by those who are ready', { tat: now, running: 1, ready: 5, waiting: 5 }, 0, 1000],
  ['by both', { tat: now + 300, running: 2, ready: 0, waiting: 0 }, 1, 1000],
])('state of a key: %s', (_, counts, remaining, resetMs) => {
  const state = keyState(tiers.seed, counts, now)
  const { running, waiting } = counts
  const common = { cap: 3, max: 15, running, waiting }
  expect(state).toEqual({ ...common, remaining, resetMs })
})

test.each([
  [undefined, 0, 1000],
  [undefined, 5000, 5000],
  [6000, 36_000, 36_000],
  [6000, 0, 6000],
  [300, 0, 300],
])('retry after room in %s and quota in %s', (roomMs, resetMs, expected) => {
  expect(retryDelay(roomMs, { resetMs })).toBe(expected)
})

test.each([
  [false, false, 0, null],
  [true, false, 99, 'express'],
  [false, true, 0, 'turns'],
  [true, true, 0, 'express'],
  [true, true, 15, 'express'],
  [true, true, 16, 'turns'],
] as const)('lane when express %s, turns %s, streak %s', (express, turns, streak, expected) => {
  expect(chooseLane(express, turns, streak, 16)).toBe(expected)
})

test.each([
  [1000, 12, 3, 4, 1000],
  [6000, 1, 4, 1, 24_000],
  [6000, 5, 2, 2, 4800],
  [1000, 3, 1, 3, 1000],
])('%s ms and %s starts among %s', (intervalMs, perInterval, instances, share, shareMs) => {
  const request = { intervalMs, perInterval, maxQueue: 1, maxWaitMs: 1, cost: 1 }
  const result = shareLimits(request, instances)
  expect(result).toMatchObject({ perInterval: share, intervalMs: shareMs })
  expect((result.perInterval / result.intervalMs) * instances).toBeCloseTo(perInterval / intervalMs)
})

test('idle keys live for two intervals or five minutes', () => {
  expect([idleLife(0), idleLife(6000), idleLife(400_000)]).toEqual([300_000, 300_000, 800_000])
})

test.each([
  [0, 1, 0, 2, true],
  [0, 2, 0, 1, false],
  [1, 2, 0, 1, true],
  [-1, 1, 0, 2, false],
])('priority %s, arrival %s before priority %s, arrival %s: %s', (p, a, q, b, expected) => {
  const [one, other] = [
    { priority: p, arrival: a },
    { priority: q, arrival: b },
  ]
  expect(ranksBefore(one, other)).toBe(expected)
})

test('a chain is left from any place', () => {
  interface Link extends Linked<Link> {
    readonly name: string
  }
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name): Link => ({
    name,
    previous: null,
    next: null,
  })) as [Link, Link, Link, Link]
  const chain = new LinkedList<Link>()
  const names = (): string => {
    let text = ''
    for (let each = chain.head; each; each = each.next) text += each.name
    let back = ''
    for (let each = chain.tail; each; each = each.previous) back = each.name + back
    expect([back, text.length]).toEqual([text, chain.size])
    return text
  }
  for (const link of [a, c, d]) chain.insert(link, null)
  chain.insert(b, c)
  expect(names()).toBe('abcd')
  chain.moveToEnd(a)
  chain.moveToEnd(a)
  expect(names()).toBe('bcda')
  chain.remove(c)
  chain.remove(b)
  chain.remove(a)
  expect(names()).toBe('d')
  chain.insert(c, d)
  chain.remove(d)
  chain.remove(c)
  expect(names()).toBe('')
})
