import { describe, expect, test } from 'vitest'
import { chooseLane } from './slot-scheduler.ts'
import { testQueue, type TestQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }
const one = { ...limits, concurrency: 1 }

describe('round robin', () => {
  test('keys start as many tickets as their weight, in turns', async () => {
    const test = testQueue({ limit: 1, maxWaiting: 100 })
    test.arrive('x', limits)
    for (let count = 0; count < 6; count++) {
      test.arrive('a', { ...limits, weight: 3 })
      test.arrive('b', limits)
      test.arrive('c', { ...limits, weight: 2 })
    }
    expect(await order(test)).toBe('xaaabccaaabccbccbbb')
  })

  test('a busy key does not delay a quiet one', async () => {
    const test = testQueue({ limit: 2 })
    for (let count = 0; count < 20; count++) test.arrive('busy', limits)
    test.arrive('quiet', tiers.anonymous)
    await test.clock.pass(0)
    test.clients[0]?.slot?.release()
    test.clients[1]?.slot?.release()
    await test.clock.pass(0)
    expect(test.started).toContain('quiet20')
  })

  test('bypassing tickets start first, but one other ticket starts after as many of them as their weight', async () => {
    const test = testQueue({ limit: 1 })
    test.arrive('x', limits)
    for (let count = 0; count < 3; count++) test.arrive('n', limits)
    for (let count = 0; count < 8; count++) {
      test.arrive('b', { ...limits, weight: 4 }, { bypass: true })
    }
    expect(await order(test)).toBe('xbbbbnbbbbnn')
  })

  test('above its concurrency, a bypassing key waits in the round robin', async () => {
    const test = testQueue({ limit: 2 })
    const small = { ...limits, concurrency: 1 }
    test.arrive('b', small, { bypass: true })
    test.arrive('x', limits)
    test.arrive('n', limits)
    test.arrive('b', small, { bypass: true })
    await test.clock.pass(0)
    expect(test.started).toEqual(['b0', 'x1'])
    test.clients[0]?.slot?.release()
    await test.clock.pass(0)
    expect(test.started).toEqual(['b0', 'x1', 'n2'])
  })

  test('a key whose only ticket was cancelled or refused takes no turn', async () => {
    const { arrive, clock, clients, queue } = testQueue({ limit: 1, maxWaiting: 1 })
    const leaving = new AbortController()
    arrive('x', limits)
    arrive('gone', limits, { signal: leaving.signal })
    leaving.abort('gone')
    arrive('a', limits)
    arrive('refused', limits)
    await clock.pass(0)
    clients[0]?.slot?.release()
    await clock.pass(0)
    expect(clients[2]?.startedAt).toBe(0)
    expect(queue.totals).toMatchObject({ running: 1, waiting: 0 })
  })

  test('bypassing skips the interval', async () => {
    const { arrive, clock, started, queue } = testQueue()
    const seed = { ...tiers.seed, concurrency: 8 }
    for (let count = 0; count < 3; count++) arrive('u', seed, { bypass: true })
    await clock.pass(0)
    expect(started).toHaveLength(3)
    expect(queue.state({ key: 'u', limits: seed, bypass: true }).remaining).toBe(5)
  })

  test('within a key the higher priority takes the next start', async () => {
    const { arrive, clock, clients } = testQueue()
    for (const priority of [0, 0, -10, 10, 0]) {
      void arrive('ip', tiers.anonymous, { priority }).entered.then((slot) => slot.release())
    }
    await clock.pass(60_000)
    const startedAt = [0, 12_000, 24_000, 6000, 18_000]
    expect(clients.map((client) => client.startedAt)).toEqual(startedAt)
  })

  test('a ticket that costs no start waits for none', async () => {
    const { arrive, clock, clients } = testQueue()
    const more = { ...tiers.anonymous, concurrency: 2, intervalMs: 12_000 }
    for (const cost of [2, 1, 0]) arrive('ip', more, { cost })
    await clock.pass(10_000)
    expect(clients.map((client) => client.startedAt)).toEqual([0, undefined, 0])
    clients[2]?.slot?.release()
    await clock.pass(0)
    expect(clients[1]?.startedAt).toBe(10_000)
  })
})

describe('reserved slots', () => {
  test('32 anonymous callers cannot hold every slot: a token starts at once in the slots of its pool', async () => {
    const { arrive, clock, queue, clients } = testQueue({ limit: 32, reserved: { token: 8 } })
    for (let count = 0; count < 32; count++) arrive(`stranger${count}`, one)
    for (let count = 0; count < 8; count++) arrive('subject:u2', tiers.nectar, { pool: 'token' })
    await clock.pass(0)
    expect(clients.filter(({ slot }) => slot)).toHaveLength(32)
    expect(clients.slice(32).every(({ slot }) => slot?.waitMs === 0)).toBe(true)
    expect(queue.totals).toMatchObject({ running: 32, waiting: 8 })
  })

  test('a freed slot goes to the next key that may use it, and the others keep their turns', async () => {
    const { arrive, clock, clients, started } = testQueue({ limit: 2, reserved: { token: 1 } })
    for (const key of ['a', 'b', 'c']) arrive(key, one)
    for (let count = 0; count < 3; count++) arrive('t', limits, { pool: 'token' })
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3'])
    clients[3]?.slot?.release()
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3', 't4'])
    clients[0]?.slot?.release()
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3', 't4', 'b1'])
  })

  test('a pool uses unreserved slots in its turn when its own are taken', async () => {
    const { arrive, clock, queue } = testQueue({ limit: 4, reserved: { token: 1 } })
    for (let count = 0; count < 6; count++) arrive('t', limits, { pool: 'token' })
    await clock.pass(0)
    expect(queue.totals.running).toBe(4)
  })

  test('a lower limit shrinks them in proportion and leaves one slot unreserved', async () => {
    const { arrive, clock, queue, clients } = testQueue({
      limit: 8,
      reserved: { token: 4, staff: 2 },
    })
    queue.setLimit(3)
    arrive('a', one)
    arrive('b', one)
    arrive('t', one, { pool: 'token' })
    await clock.pass(0)
    expect(clients.map(({ slot }) => slot !== undefined)).toEqual([true, true, true])
    queue.setLimit(1)
    for (const { slot } of clients) slot?.release()
    arrive('c', one)
    await clock.pass(0)
    expect(clients[3]?.slot).toBeDefined()
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

/** Ends one ticket after the other, and returns the order of starts. */
async function order({ clients, clock, started }: TestQueue): Promise<string> {
  for (let count = 0; count < clients.length; count++) {
    await clock.pass(0)
    clients.find(({ name }) => name === started[count])?.slot?.release()
  }
  return started.map((name) => name[0]).join('')
}
