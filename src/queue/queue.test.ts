import PQueue from 'p-queue'
import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore } from './createMemoryStore.ts'
import { createQueue } from './createQueue.ts'
import { manualClock } from './testing/manualClock.ts'
import { remoteStore } from './testing/remoteStore.ts'
import { testQueue } from './testing/testQueue.ts'
import type { TestQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

describe('whose turn it is', () => {
  test('keys start as many as their weight, in turns', async () => {
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

  test('who bypasses goes first, but lets one in after as many as its weight', async () => {
    const test = testQueue({ limit: 1 })
    test.come('x', limits)
    for (let count = 0; count < 3; count++) test.come('n', limits)
    for (let count = 0; count < 8; count++) {
      test.come('b', { ...limits, weight: 4 }, { bypass: true })
    }
    expect(await order(test)).toBe('xbbbbnbbbbnn')
  })

  test('above its concurrency, who bypasses waits like anybody else', async () => {
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

  test('what costs no start waits for none', async () => {
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

describe('leases', () => {
  test('are renewed every third, and a slot whose lease is lost is told', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const renew = vi.fn((id: string, ms: number) => memory.renew(id, ms))
    const { come, guests } = testQueue({ clock, store: { ...memory, renew }, leaseMs: 90_000 })
    come('a', limits)
    await clock.pass(90_000)
    expect(renew).toHaveBeenCalledTimes(3)
    const signal = guests[0]?.slot?.signal
    expect(signal?.aborted).toBe(false)
    renew.mockReturnValue(false)
    await clock.pass(30_000)
    expect(signal?.reason).toMatchObject({ code: 'busy', retryable: true })
    guests[0]?.slot?.release()
    expect(clock.sleeping).toBe(0)
  })

  test('that cannot be renewed because the store is down are kept until they expire', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const renew = vi.fn(() => {
      throw new Error('down')
    })
    const { come, guests } = testQueue({ clock, store: { ...memory, renew }, leaseMs: 90_000 })
    come('a', limits)
    await clock.pass(89_999)
    const signal = guests[0]?.slot?.signal
    expect(signal?.aborted).toBe(false)
    await clock.pass(1)
    expect(signal?.aborted).toBe(true)
  })

  test('held by another process are tried for again and again', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const store = remoteStore(memory, { travel: async () => undefined, troubles: [] })
    const one = testQueue({ clock, store })
    const two = testQueue({ clock, store })
    const single = { ...limits, concurrency: 1 }
    one.come('u', single)
    await clock.pass(0)
    two.come('u', single)
    two.come('u', single)
    await clock.pass(1000)
    expect(two.started).toEqual([])
    one.guests[0]?.slot?.release()
    await clock.pass(250)
    expect(two.started).toEqual(['u0'])
    two.guests[0]?.slot?.release()
    await clock.pass(250)
    two.guests[1]?.slot?.release()
    await clock.pass(0)
    expect(clock.sleeping).toBe(0)
  })

  test('are asked for in the order of arrival, however answers about starts are reordered', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const delays = [300, 10, 200]
    const store = {
      ...memory,
      reserve: async (...args: Parameters<typeof memory.reserve>) => {
        const reply = memory.reserve(...args)
        await clock.sleep(delays.shift() ?? 0)
        return reply
      },
    }
    const { come, queue, started } = testQueue({ clock, store })
    for (let count = 0; count < 3; count++) come('u', tiers.seed)
    await clock.pass(299)
    expect(queue.totals).toMatchObject({ running: 0, waiting: 3 })
    await clock.pass(1)
    expect(started).toEqual(['u0', 'u1', 'u2'])
  })

  test('of somebody who went away while it was asked for are given back', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const travel = (): Promise<void> => clock.sleep(100)
    const { come, queue } = testQueue({
      clock,
      store: remoteStore(memory, { travel, troubles: [] }),
    })
    const leaving = new AbortController()
    come('u', tiers.seed, { signal: leaving.signal })
    come('v', tiers.seed, { signal: leaving.signal })
    await clock.pass(250)
    leaving.abort('gone')
    expect(queue.totals.waiting).toBe(0)
    await clock.pass(1000)
    expect(queue.totals).toMatchObject({ running: 0, keys: 0 })
    expect(memory.stats('u').running).toBe(0)
    expect(clock.sleeping).toBe(0)
  })

  test('and starts too', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const travel = (): Promise<void> => clock.sleep(100)
    const store = remoteStore(memory, { travel, troubles: [] })
    const { come, queue } = testQueue({ clock, store })
    const leaving = new AbortController()
    come('u', tiers.seed, { signal: leaving.signal })
    await clock.pass(150)
    leaving.abort('gone')
    expect(queue.totals).toMatchObject({ waiting: 0, keys: 0 })
    await clock.pass(1000)
    expect(memory.stats('u')).toMatchObject({ usedUntil: 0, running: 0 })
  })

  test('that fail leave no key behind in a closed queue', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const store = {
      ...memory,
      capabilities: { ...memory.capabilities, distributed: true },
      acquire: isDown,
    }
    const { come, guests, queue } = testQueue({ clock, store, failMode: 'closed', limit: 1 })
    for (const key of ['a', 'b', 'a']) come(key, limits)
    await clock.pass(0)
    const down = expect.objectContaining({ why: 'store', status: 503 })
    expect(guests.map(({ error }) => error)).toEqual([down, down, down])
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0, keys: 0 })
    expect(clock.sleeping).toBe(0)
  })

  test('of a share are handed on as soon as they are free', async () => {
    const clock = manualClock()
    const store = { ...createMemoryStore({ clock }), acquire: isDown }
    const { come, guests } = testQueue({ clock, store, instances: 2 })
    const double = { ...limits, concurrency: 2 }
    come('a', double)
    come('a', double)
    await clock.pass(20)
    expect(guests[1]?.slot).toBeUndefined()
    guests[0]?.slot?.release()
    await clock.pass(0)
    expect(guests[1]?.startedAt).toBe(20)
  })

  test('and starts that come after the time for them are given back', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const travel = (): Promise<void> => clock.sleep(600)
    const store = remoteStore(memory, { travel, troubles: [] })
    const { come, guests } = testQueue({ clock, store, failMode: 'closed' })
    come('u', tiers.anonymous)
    await clock.pass(5000)
    expect(guests[0]?.error).toMatchObject({ why: 'store', status: 503 })
    expect(memory.stats('u')).toMatchObject({ usedUntil: 0, running: 0 })
  })
})

describe('input', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['maxWaiting', { maxWaiting: -1 }],
    ['maxKeys', { maxKeys: 1.5 }],
    ['leaseMs', { leaseMs: Number.NaN }],
    ['instances', { instances: 0 }],
    ['storeTimeoutMs', { storeTimeoutMs: 0 }],
    ['pollMs', { pollMs: 0 }],
    ['failMode', { failMode: 'ajar' as 'open' }],
  ])('an option that is wrong is named: %s', (name, options) => {
    expect(() => createQueue(options)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(name),
      }),
    )
  })

  test('a store that is not atomic is no store for a queue', () => {
    const store = createMemoryStore()
    const capabilities = { ...store.capabilities, atomic: false }
    expect(() => createQueue({ store: { ...store, capabilities } })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })

  test.each([
    ['concurrency', { limits: { ...limits, concurrency: 0 } }],
    ['weight', { limits: { ...limits, weight: 0 } }],
    ['intervalMs', { limits: { ...limits, intervalMs: -1 } }],
    ['maxWaiting', { limits: { ...limits, maxWaiting: Number.NaN } }],
    ['maxWaitMs', { limits: { ...limits, maxWaitMs: Number.NaN } }],
    ['priority', { limits, priority: 11 }],
    ['cost', { limits, cost: -1 }],
  ])('a ticket that is wrong is refused by name: %s', async (name, ticket) => {
    const queue = createQueue()
    await expect(queue.enter({ key: 'a', ...ticket })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(name),
    })
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0, keys: 0 })
  })

  test('a listener that throws stops nobody', async () => {
    const { come, clock, guests } = testQueue({
      onEvent: () => {
        throw new Error('listener')
      },
    })
    come('a', limits)
    await clock.pass(0)
    expect(guests[0]?.slot).toBeDefined()
  })
})

test('one key without interval gives what p-queue gives', async () => {
  const tasks = Array.from({ length: 60 }, (_, index) => ({
    name: index,
    ms: (index * 37) % 11,
    priority: (index * 7) % 5,
  }))
  const trace = async (
    add: (task: (typeof tasks)[number], work: () => Promise<void>) => Promise<unknown>,
  ): Promise<string[]> => {
    const lines: string[] = []
    let running = 0
    const ends: (() => void)[] = []
    const all = tasks.map((task) =>
      add(task, async () => {
        lines.push(`${task.name} starts beside ${running++}`)
        await new Promise<void>((resolve) => ends.push(resolve))
        running--
        lines.push(`${task.name} ends`)
      }),
    )
    for (let left = tasks.length; left > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve))
      ends.splice(left % ends.length, 1)[0]?.()
    }
    await Promise.all(all)
    return lines
  }
  const theirs = new PQueue({ concurrency: 4 })
  const ours = createQueue()
  const single = { ...limits, concurrency: 4 }
  expect(
    await trace(({ priority }, work) =>
      ours.run({ key: 'a', limits: single, priority }, () => work()),
    ),
  ).toEqual(await trace(({ priority }, work) => theirs.add(work, { priority })))
})

function isDown(): never {
  throw new Error('down')
}

/** Lets one after the other end, and tells whose turns there were. */
async function order({ guests, clock, started }: TestQueue): Promise<string> {
  for (let count = 0; count < guests.length; count++) {
    await clock.pass(0)
    guests.find(({ name }) => name === started[count])?.slot?.release()
  }
  return started.map((name) => name[0]).join('')
}
