import { describe, expect, test } from 'vitest'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

describe('bounds', () => {
  test('of all who wait', async () => {
    const { come, clock, guests, queue } = testQueue({ maxWaiting: 2, limit: 1 })
    come('a', limits)
    come('b', limits)
    come('c', limits)
    come('d', limits)
    await clock.pass(0)
    expect(guests[3]?.error).toMatchObject({ why: 'total', status: 503, retryAfterMs: 1000 })
    expect(queue.totals.waiting).toBe(2)
  })

  test('who need not wait is let in although the waiting room is full', async () => {
    const { come, clock, guests } = testQueue({ maxWaiting: 1 })
    come('a', tiers.anonymous)
    come('a', tiers.anonymous)
    come('b', tiers.anonymous)
    await clock.pass(0)
    expect(guests[2]?.slot).toBeDefined()
  })

  test('of waiting time, by the schedule and by the clock', async () => {
    const { come, clock, guests } = testQueue()
    const hasty = { ...tiers.anonymous, maxWaitMs: 7000 }
    for (let count = 0; count < 3; count++) come('ip', hasty)
    await clock.pass(0)
    expect(guests[2]?.error).toMatchObject({ why: 'wait', status: 429, retryAfterMs: 12_000 })
    await clock.pass(6999)
    expect(guests[1]?.error).toBeUndefined()
    await clock.pass(1)
    expect(guests[1]?.error).toMatchObject({ why: 'wait', status: 429 })
    expect(clock.sleeping).toBe(1)
    guests[0]?.slot?.release()
    expect(clock.sleeping).toBe(0)
  })

  test('of waiting time: a start in the last moment is in time', async () => {
    const { come, clock, guests } = testQueue()
    for (let count = 0; count < 3; count++) {
      const { entered } = come('ip', { ...tiers.anonymous, maxWaitMs: 12_000 })
      void entered.then((slot) => slot.release())
    }
    await clock.pass(12_000)
    expect(guests.map((guest) => guest.startedAt)).toEqual([0, 6000, 12_000])
  })

  test('a retry delay is the one after which a start comes at once', async () => {
    const { come, clock, guests, queue } = testQueue()
    for (let count = 0; count < 7; count++) {
      void come('ip', tiers.anonymous).entered.then(
        (slot) => slot.release(),
        () => undefined,
      )
    }
    await clock.pass(0)
    expect(guests[6]?.error).toMatchObject({ retryAfterMs: 36_000 })
    await clock.pass(35_999)
    expect(queue.state({ key: 'ip', limits: tiers.anonymous })).toMatchObject({ remaining: 0 })
    await clock.pass(1)
    come('ip', tiers.anonymous)
    await clock.pass(0)
    expect(guests[7]?.slot?.waitMs).toBe(0)
  })

  test('closing refuses who waits and who comes, and lets running work end', async () => {
    const { come, clock, guests, queue } = testQueue({ limit: 1 })
    come('a', limits)
    come('b', limits)
    come('c', tiers.anonymous)
    come('c', tiers.anonymous)
    await clock.pass(0)
    queue.close()
    come('d', limits)
    await clock.pass(0)
    const closed = expect.objectContaining({ why: 'closed', status: 503 })
    expect(guests.map(({ error }) => error)).toEqual([undefined, closed, closed, closed, closed])
    expect(guests[0]?.slot?.signal.aborted).toBe(false)
    guests[0]?.slot?.release()
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
    expect(clock.sleeping).toBe(0)
  })

  test('a new limit starts more at once, and interrupts nobody', async () => {
    const { come, clock, guests, queue, started } = testQueue({ limit: 1 })
    for (let count = 0; count < 4; count++) come('a', limits)
    queue.setLimit(3)
    await clock.pass(0)
    expect(started).toHaveLength(3)
    queue.setLimit(1)
    guests[0]?.slot?.release()
    await clock.pass(0)
    expect(started).toHaveLength(3)
    expect(queue.totals).toMatchObject({ running: 2, waiting: 1, limit: 1 })
  })
})
