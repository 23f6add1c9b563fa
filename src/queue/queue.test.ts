import { expect, test, describe } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { QueueRefusal, keyState, quotaLeft, retryAfterDelay } from './queue.ts'
import { tiers } from './testing/tiers.ts'

test('other errors of the package are not instances of QueueRefusal', () => {
  const state = { running: 1, waiting: 1 } as unknown as QueueRefusal['state']
  const refusal = new QueueRefusal('total', 1000, state)
  for (const kind of [QueueRefusal, FerryError]) expect(refusal instanceof kind).toBe(true)
  expect(new FerryError('timeout', 'Too late.') instanceof QueueRefusal).toBe(false)
})

describe('key quota', () => {
  const now = 1_000_000

  test.each([
    ['unused', 0, 3, 3, 0],
    ['used up long ago', now, 3, 3, 0],
    ['one used', now + 2000, 3, 2, 2000],
    ['one half refilled', now + 1000, 3, 2, 1000],
    ['all used', now + 6000, 3, 0, 2000],
    ['more than all used', now + 10_000, 3, 0, 6000],
    ['almost back', now + 1, 1, 0, 1],
    ['refilled, with a rounding error', now + 0.4, 1, 1, 0],
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
    ['by ready tickets', { tat: now, running: 1, ready: 5, waiting: 5 }, 0, 1000],
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
    expect(retryAfterDelay(roomMs, { resetMs })).toBe(expected)
  })
})
