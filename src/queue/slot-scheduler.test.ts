import { describe, expect, test } from 'vitest'
import { chooseLane } from './slot-scheduler.ts'
import { testQueue, type TestQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }
const one = { ...limits, concurrency: 1 }

describe('round robin', () => {
  test('keys start as many tickets as their weight, in turns', async () => {
    const test = testQueue({ limit: 1, maxWaiting: 100 })
    test.come('x', limits)
    for (let count = 0; count < 6; count++) {
      test.come('a', { ...limits, weight: 3 })
      test.come('b', limits)
      test.come('c', { ...limits, weight: 2 })
    }
    expect(await order(test)).toBe('xaaabccaaabccbccbbb')
  })

  test('a busy key does not keep a quiet one waiting', async () => {
    const test = testQueue({ limit: 2 })
    for (let count = 0; count < 20; count++) test.come('busy', limits)
    test.come('quiet', tiers.anonymous)
    await test.clock.pass(0)
    test.guests[0]?.slot?.release()
    test.guests[1]?.slot?.release()
    await test.clock.pass(0)
    expect(test.started).toContain('quiet20')
  })

  test('bypassing tickets start first, but let one other start after as many as their weight', async () => {
    const test = testQueue({ limit: 1 })
    test.come('x', limits)
    for (let count = 0; count < 3; count++) test.come('n', limits)
    for (let count = 0; count < 8; count++) {
      test.come('b', { ...limits, weight: 4 }, { bypass: true })
    }
    expect(await order(test)).toBe('xbbbbnbbbbnn')
  })

  test('above its concurrency, a bypassing key waits in the round robin', async () => {
    const test = testQueue({ limit: 2 })
    const small = { ...limits, concurrency: 1 }
    test.come('b', small, { bypass: true })
    test.come('x', limits)
    test.come('n', limits)
    test.come('b', small, { bypass: true })
    await test.clock.pass(0)
    expect(test.started).toEqual(['b0', 'x1'])
    test.guests[0]?.slot?.release()
    await test.clock.pass(0)
    expect(test.started).toEqual(['b0', 'x1', 'n2'])
  })

  test('a key whose only ticket was given up or refused takes no turn of the others', async () => {
    const { come, clock, guests, queue } = testQueue({ limit: 1, maxWaiting: 1 })
    const leaving = new AbortController()
    come('x', limits)
    come('gone', limits, { signal: leaving.signal })
    leaving.abort('gone')
    come('a', limits)
    come('refused', limits)
    await clock.pass(0)
    guests[0]?.slot?.release()
    await clock.pass(0)
    expect(guests[2]?.startedAt).toBe(0)
    expect(queue.totals).toMatchObject({ running: 1, waiting: 0 })
  })

  test('bypassing skips the interval', async () => {
    const { come, clock, started, queue } = testQueue()
    const seed = { ...tiers.seed, concurrency: 8 }
    for (let count = 0; count < 3; count++) come('u', seed, { bypass: true })
    await clock.pass(0)
    expect(started).toHaveLength(3)
    expect(queue.state({ key: 'u', limits: seed, bypass: true }).remaining).toBe(5)
  })

  test('within a key the higher priority takes the next start', async () => {
    const { come, clock, guests } = testQueue()
    for (const priority of [0, 0, -10, 10, 0]) {
      void come('ip', tiers.anonymous, { priority }).entered.then((slot) => slot.release())
    }
    await clock.pass(60_000)
    const startedAt = [0, 12_000, 24_000, 6000, 18_000]
    expect(guests.map((guest) => guest.startedAt)).toEqual(startedAt)
  })

  test('a ticket that costs no start waits for none', async () => {
    const { come, clock, guests } = testQueue()
    const more = { ...tiers.anonymous, concurrency: 2, intervalMs: 12_000 }
    for (const cost of [2, 1, 0]) come('ip', more, { cost })
    await clock.pass(10_000)
    expect(guests.map((guest) => guest.startedAt)).toEqual([0, undefined, 0])
    guests[2]?.slot?.release()
    await clock.pass(0)
    expect(guests[1]?.startedAt).toBe(10_000)
  })
})

describe('reserved slots', () => {
  test('32 anonymous callers cannot hold every slot: a token starts at once in the slots of its pool', async () => {
    const { come, clock, queue, guests } = testQueue({ limit: 32, reserved: { token: 8 } })
    for (let count = 0; count < 32; count++) come(`stranger${count}`, one)
    for (let count = 0; count < 8; count++) come('subject:u2', tiers.nectar, { pool: 'token' })
    await clock.pass(0)
    expect(guests.filter(({ slot }) => slot)).toHaveLength(32)
    expect(guests.slice(32).every(({ slot }) => slot?.waitMs === 0)).toBe(true)
    expect(queue.totals).toMatchObject({ running: 32, waiting: 8 })
  })

  test('a freed slot goes to the next key that may use it, and the others keep their turns', async () => {
    const { come, clock, guests, started } = testQueue({ limit: 2, reserved: { token: 1 } })
    for (const key of ['a', 'b', 'c']) come(key, one)
    for (let count = 0; count < 3; count++) come('t', limits, { pool: 'token' })
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3'])
    guests[3]?.slot?.release()
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3', 't4'])
    guests[0]?.slot?.release()
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3', 't4', 'b1'])
  })

  test('a pool uses unreserved slots in its turn when its own are taken', async () => {
    const { come, clock, queue } = testQueue({ limit: 4, reserved: { token: 1 } })
    for (let count = 0; count < 6; count++) come('t', limits, { pool: 'token' })
    await clock.pass(0)
    expect(queue.totals.running).toBe(4)
  })

  test('a lower limit shrinks them in proportion and leaves one slot to all', async () => {
    const { come, clock, queue, guests } = testQueue({ limit: 8, reserved: { token: 4, staff: 2 } })
    queue.setLimit(3)
    come('a', one)
    come('b', one)
    come('t', one, { pool: 'token' })
    await clock.pass(0)
    expect(guests.map(({ slot }) => slot !== undefined)).toEqual([true, true, true])
    queue.setLimit(1)
    for (const { slot } of guests) slot?.release()
    come('c', one)
    await clock.pass(0)
    expect(guests[3]?.slot).toBeDefined()
  })
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

/** Lets one after the other end, and tells whose turns there were. */
async function order({ guests, clock, started }: TestQueue): Promise<string> {
  for (let count = 0; count < guests.length; count++) {
    await clock.pass(0)
    guests.find(({ name }) => name === started[count])?.slot?.release()
  }
  return started.map((name) => name[0]).join('')
}
