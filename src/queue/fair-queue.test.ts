import PQueue from 'p-queue'
import { describe, expect, test, vi } from 'vitest'
import { createQueue } from './fair-queue.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LimitStore } from './limit-store.ts'
import type { QueueOptions } from './options.ts'
import type { KeyLimits } from './queue.ts'
import { manualClock } from './testing/manualClock.ts'
import { remoteStore } from './testing/remoteStore.ts'
import { testQueue, type TestQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }
const one = { ...limits, concurrency: 1 }

describe('admission', () => {
  test('of seven tickets at once one starts, five wait and the last is refused; starts are 6 s apart', async () => {
    const { queue, clock, arrive, clients, events } = testQueue()
    for (let left = 7; left > 0; left--) arrive('ip:203.0.113.7', tiers.anonymous)
    await clock.pass(0)
    expect(queue.totals).toMatchObject({ running: 1, waiting: 5 })
    expect(clients[6]?.error).toMatchObject({ why: 'waiting', status: 429, retryAfterMs: 36_000 })
    for (let turn = 0; turn < 6; turn++) {
      clients[turn]?.slot?.release()
      await clock.pass(6000)
    }
    const startedAt = [0, 6000, 12_000, 18_000, 24_000, 30_000, undefined]
    expect(clients.map((client) => client.startedAt)).toEqual(startedAt)
    expect(clients[3]?.slot?.waitMs).toBe(18_000)
    const types = events.map(({ type }) => type)
    expect(types.filter((type) => type === 'enter')).toHaveLength(6)
    expect(types.filter((type) => type === 'start')).toHaveLength(6)
    expect(types.filter((type) => type === 'reject')).toHaveLength(1)
    expect(clock.sleeping).toBe(0)
  })

  test('starts are 6 s apart, and longer work delays the next start', async () => {
    const { clock, arrive, clients } = testQueue()
    for (let left = 3; left > 0; left--) arrive('ip', tiers.anonymous)
    await clock.pass(10_000)
    expect(clients[1]?.slot).toBeUndefined()
    clients[0]?.slot?.release()
    await clock.pass(0)
    expect(clients[1]?.startedAt).toBe(10_000)
    clients[1]?.slot?.release()
    await clock.pass(6000)
    expect(clients[2]?.startedAt).toBe(12_000)
  })

  test('a token has the limits of its tier after an anonymous request of the same address', async () => {
    const { arrive, clock, started } = testQueue()
    arrive('ip', tiers.anonymous)
    for (let left = 20; left > 0; left--) arrive('subject:u2', tiers.nectar, { bypass: true })
    await clock.pass(0)
    expect(started).toHaveLength(21)
  })

  test('the limits of a key follow the ticket, not the first ticket of the key', async () => {
    const { arrive, clock, clients } = testQueue()
    arrive('ip', tiers.anonymous)
    arrive('ip', tiers.recognised)
    arrive('ip', tiers.anonymous)
    await clock.pass(20_000)
    expect(clients.map((client) => client.startedAt)).toEqual([0, 4500, undefined])
    expect(clients[1]?.slot?.state).toMatchObject({ cap: 2, max: 10 })
  })

  test('two users behind one address have queues of their own', async () => {
    const { arrive, clock, started } = testQueue()
    for (let left = 3; left > 0; left--) arrive('subject:u1', tiers.seed)
    for (let left = 3; left > 0; left--) arrive('subject:u3', tiers.seed)
    await clock.pass(0)
    expect(started).toHaveLength(6)
  })

  test('one user at two addresses has one limit', async () => {
    const { arrive, clock, queue, started } = testQueue()
    for (let left = 5; left > 0; left--) arrive('subject:u1', tiers.seed)
    await clock.pass(0)
    expect(started).toHaveLength(3)
    expect(queue.state({ key: 'subject:u1', limits: tiers.seed })).toEqual({
      waiting: 2,
      running: 3,
      cap: 3,
      max: 15,
      remaining: 0,
      resetMs: expect.closeTo(1000, 0),
    })
  })

  test('of a burst of 25 tickets, 20 run and five start as slots become free', async () => {
    const { queue, arrive, clock, clients } = testQueue({ limit: 32 })
    for (let left = 25; left > 0; left--) arrive('subject:u2', tiers.nectar, { bypass: true })
    await clock.pass(0)
    expect(queue.totals).toMatchObject({ running: 20, waiting: 5 })
    for (let turn = 0; turn < 25; turn++) {
      expect(queue.totals.running).toBeLessThanOrEqual(20)
      clients[turn]?.slot?.release()
      await clock.pass(1)
      expect(clients.filter(({ slot }) => slot)).toHaveLength(Math.min(25, 21 + turn))
    }
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
  })
})

describe('cancellation and the end of work', () => {
  test('a ticket that is cancelled while waiting leaves at once and never runs; the others move up', async () => {
    const { queue, arrive, clock, clients, events } = testQueue()
    const leaving = new AbortController()
    const work = vi.fn()
    arrive('ip', tiers.anonymous)
    const left = queue.run({ key: 'ip', limits: tiers.anonymous }, work, leaving.signal)
    arrive('ip', tiers.anonymous)
    await clock.pass(1000)
    leaving.abort(new Error('gone'))
    expect(queue.totals.waiting).toBe(1)
    await expect(left).rejects.toThrow('gone')
    expect(events.at(-1)).toMatchObject({ type: 'abort', key: 'ip', waitMs: 1000 })
    arrive('ip', tiers.anonymous)
    for (const { entered } of clients) void entered.then((slot) => slot.release())
    await clock.pass(11_000)
    expect(clients.map((client) => client.startedAt)).toEqual([0, 6000, 12_000])
    await clock.pass(60_000)
    expect(work).not.toHaveBeenCalled()
    expect(clock.sleeping).toBe(0)
  })

  test('a ticket that is cancelled while running aborts its signal; its slot is free when the work has ended', async () => {
    const { queue, arrive, clock, clients } = testQueue()
    const leaving = new AbortController()
    const limits = { ...tiers.nectar, concurrency: 1 }
    let end: (() => void) | undefined
    let aborted: unknown
    const ran = queue.run(
      { key: 'u', limits },
      ({ signal }) =>
        new Promise<void>((resolve) => {
          end = resolve
          signal.addEventListener('abort', () => (aborted = signal.reason))
        }),
      leaving.signal,
    )
    arrive('u', limits)
    await clock.pass(10)
    leaving.abort('gone')
    await clock.pass(10)
    expect(aborted).toBe('gone')
    expect(clients[0]?.slot).toBeUndefined()
    end?.()
    await ran
    await clock.pass(0)
    expect(clients[0]?.startedAt).toBe(20)
  })

  test.each([
    ['throws', () => thrown()],
    ['rejects', () => Promise.reject(new Error('work'))],
  ])('work that %s frees its slot', async (_, work) => {
    const { queue, clock } = testQueue()
    const ticket = { key: 'u', limits: { ...tiers.nectar, concurrency: 1 } }
    await expect(queue.run(ticket, work)).rejects.toThrow('work')
    await expect(queue.run(ticket, async () => 'next')).resolves.toBe('next')
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
    expect(clock.sleeping).toBe(0)
  })

  test('work runs once, or never when its ticket was refused or cancelled', async () => {
    const { queue, clock } = testQueue({ limit: 2 })
    const runs: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      runs.push(name)
      await clock.sleep(10)
    }
    const aborted = AbortSignal.abort('gone')
    const ticket = { key: 'ip', limits: { ...tiers.anonymous, maxWaiting: 1 } }
    const all = Promise.allSettled([
      queue.run({ key: 'u', limits: tiers.nectar, bypass: true }, work('bypass')),
      queue.run(ticket, work('first')),
      queue.run(ticket, work('second')),
      queue.run(ticket, work('refused')),
      queue.run(ticket, work('gone'), aborted),
    ])
    await clock.pass(60_000)
    const statuses = (await all).map(({ status }) => status)
    expect(statuses).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'])
    expect(runs).toEqual(['bypass', 'first', 'second'])
  })

  test('an aborted slot is free at once, although its work goes on', async () => {
    const { arrive, clock, clients, queue } = testQueue({ limit: 1 })
    arrive('a', one)
    arrive('b', one)
    await clock.pass(0)
    const slot = clients[0]?.slot
    slot?.abort(new Error('too slow'))
    await clock.pass(0)
    expect(slot?.signal.reason).toEqual(new Error('too slow'))
    expect(clients[1]?.slot).toBeDefined()
    slot?.release()
    slot?.abort()
    expect(slot?.signal.reason).toEqual(new Error('too slow'))
    expect(queue.totals.running).toBe(1)
    clients[1]?.slot?.abort()
    expect(clients[1]?.slot?.signal.reason).toMatchObject({ name: 'AbortError' })
    expect(queue.totals.running).toBe(0)
    expect(clock.sleeping).toBe(0)
  })
})

describe('keys', () => {
  test('many addresses never take more than maxKeys keys, and none after the idle time', async () => {
    const { queue, clock } = testQueue({ maxKeys: 500 })
    let most = 0
    for (let address = 0; address < 5000; address++) {
      const slot = await queue.enter({ key: `ip:${address}`, limits: tiers.anonymous })
      slot.release()
      if (address % 100 === 0) most = Math.max(most, queue.totals.keys)
    }
    expect(most).toBeLessThanOrEqual(500)
    expect(queue.totals.keys).toBe(500)
    await clock.pass(299_999)
    expect(queue.totals.keys).toBe(500)
    await clock.pass(1)
    expect(queue.totals.keys).toBe(0)
    expect(clock.sleeping).toBe(0)
  })

  test('work does not run when the signal aborts between the grant and the start', async () => {
    const { queue } = testQueue()
    const leaving = new AbortController()
    const work = vi.fn()
    const ran = queue.run({ key: 'u', limits: tiers.nectar }, work, leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(ran).rejects.toThrow('gone')
    expect(work).not.toHaveBeenCalled()
    expect(queue.totals.running).toBe(0)
  })

  test('when all keys have work, the next one is refused and none is evicted', async () => {
    const { queue, clock, arrive, clients } = testQueue({ maxKeys: 3 })
    for (const key of ['a', 'b', 'c', 'd']) arrive(key, tiers.anonymous)
    await clock.pass(0)
    expect(clients[3]?.error).toMatchObject({ why: 'keys', status: 503, retryAfterMs: 1000 })
    arrive('a', tiers.anonymous)
    clients[1]?.slot?.release()
    arrive('e', tiers.anonymous)
    await clock.pass(0)
    expect(clients[5]?.slot).toBeDefined()
    expect(queue.totals.keys).toBe(3)
    expect(queue.state({ key: 'a', limits: tiers.anonymous })).toMatchObject({ waiting: 1 })
  })
})

describe('bounds', () => {
  test('of all waiting tickets', async () => {
    const { arrive, clock, clients, queue } = testQueue({ maxWaiting: 2, limit: 1 })
    arrive('a', limits)
    arrive('b', limits)
    arrive('c', limits)
    arrive('d', limits)
    await clock.pass(0)
    expect(clients[3]?.error).toMatchObject({ why: 'total', status: 503, retryAfterMs: 1000 })
    expect(queue.totals.waiting).toBe(2)
  })

  test('a ticket that starts at once is admitted although the waiting room is full', async () => {
    const { arrive, clock, clients } = testQueue({ maxWaiting: 1 })
    arrive('a', tiers.anonymous)
    arrive('a', tiers.anonymous)
    arrive('b', tiers.anonymous)
    await clock.pass(0)
    expect(clients[2]?.slot).toBeDefined()
  })

  test('of waiting time, by the schedule and by the clock', async () => {
    const { arrive, clock, clients } = testQueue()
    const hasty = { ...tiers.anonymous, maxWaitMs: 7000 }
    for (let count = 0; count < 3; count++) arrive('ip', hasty)
    await clock.pass(0)
    expect(clients[2]?.error).toMatchObject({ why: 'wait', status: 429, retryAfterMs: 12_000 })
    await clock.pass(6999)
    expect(clients[1]?.error).toBeUndefined()
    await clock.pass(1)
    expect(clients[1]?.error).toMatchObject({ why: 'wait', status: 429 })
    expect(clock.sleeping).toBe(1)
    clients[0]?.slot?.release()
    expect(clock.sleeping).toBe(0)
  })

  test('of waiting time: a start at the last moment is accepted', async () => {
    const { arrive, clock, clients } = testQueue()
    for (let count = 0; count < 3; count++) {
      const { entered } = arrive('ip', { ...tiers.anonymous, maxWaitMs: 12_000 })
      void entered.then((slot) => slot.release())
    }
    await clock.pass(12_000)
    expect(clients.map((client) => client.startedAt)).toEqual([0, 6000, 12_000])
  })

  test('a retry delay is the one after which a start comes at once', async () => {
    const { arrive, clock, clients, queue } = testQueue()
    for (let count = 0; count < 7; count++) {
      void arrive('ip', tiers.anonymous).entered.then(
        (slot) => slot.release(),
        () => undefined,
      )
    }
    await clock.pass(0)
    expect(clients[6]?.error).toMatchObject({ retryAfterMs: 36_000 })
    await clock.pass(35_999)
    expect(queue.state({ key: 'ip', limits: tiers.anonymous })).toMatchObject({ remaining: 0 })
    await clock.pass(1)
    arrive('ip', tiers.anonymous)
    await clock.pass(0)
    expect(clients[7]?.slot?.waitMs).toBe(0)
  })

  test('closing refuses waiting and later tickets, and lets running work end', async () => {
    const { arrive, clock, clients, queue } = testQueue({ limit: 1 })
    arrive('a', limits)
    arrive('b', limits)
    arrive('c', tiers.anonymous)
    arrive('c', tiers.anonymous)
    await clock.pass(0)
    queue.close()
    arrive('d', limits)
    await clock.pass(0)
    const closed = expect.objectContaining({ why: 'closed', status: 503 })
    expect(clients.map(({ error }) => error)).toEqual([undefined, closed, closed, closed, closed])
    expect(clients[0]?.slot?.signal.aborted).toBe(false)
    clients[0]?.slot?.release()
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
    expect(clock.sleeping).toBe(0)
  })

  test('of waiting tickets of one key without an interval', async () => {
    const { arrive, clock, clients } = testQueue()
    for (let count = 0; count < 3; count++) arrive('a', { ...one, maxWaiting: 1 })
    await clock.pass(0)
    expect(clients[1]?.error).toBeUndefined()
    expect(clients[2]?.error).toMatchObject({ why: 'waiting', status: 429 })
  })

  test('of waiting time: none at all', async () => {
    const { arrive, clock, clients } = testQueue()
    for (let count = 0; count < 2; count++) arrive('a', { ...one, maxWaitMs: 0 })
    await clock.pass(0)
    expect(clients[0]?.slot).toBeDefined()
    expect(clients[1]?.error).toMatchObject({ why: 'wait', status: 429 })
  })

  test('a limit that is no whole number above 0 is refused', () => {
    const { queue } = testQueue()
    for (const limit of [0, 1.5, Number.NaN])
      expect(() => queue.setLimit(limit)).toThrow("The queue's limit")
  })

  test('a new limit starts more at once, and interrupts no running work', async () => {
    const { arrive, clock, clients, queue, started } = testQueue({ limit: 1 })
    for (let count = 0; count < 4; count++) arrive('a', limits)
    queue.setLimit(3)
    await clock.pass(0)
    expect(started).toHaveLength(3)
    queue.setLimit(1)
    clients[0]?.slot?.release()
    await clock.pass(0)
    expect(started).toHaveLength(3)
    expect(queue.totals).toMatchObject({ running: 2, waiting: 1, limit: 1 })
  })
})

describe('a store that other processes share', () => {
  /** A queue over a store that answers after 10 ms, and the starts that were requested from it. */
  function sharedQueue(options: QueueOptions = {}): TestQueue & { readonly requested: string[] } {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const store = remoteStore(memory, { travel: () => clock.sleep(5), troubles: [] })
    const requested: string[] = []
    const reserve: LimitStore['reserve'] = (key, request, now) => {
      requested.push(key)
      return store.reserve(key, request, now)
    }
    return { ...testQueue({ ...options, clock, store: { ...store, reserve } }), requested }
  }

  test('a key asks for no more starts than may run and wait, and shows them as waiting', async () => {
    const { queue, clock, arrive, clients, requested } = sharedQueue()
    for (let left = 7; left > 0; left--) arrive('ip', tiers.anonymous)
    expect(queue.state({ key: 'ip', limits: tiers.anonymous }).waiting).toBe(6)
    await clock.pass(0)
    expect(clients[6]?.error).toMatchObject({ why: 'waiting', status: 429 })
    expect(requested).toHaveLength(6)
    await clock.pass(100)
    expect(clients.filter(({ slot }) => slot)).toHaveLength(1)
    expect(queue.totals).toMatchObject({ running: 1, waiting: 5 })
  })

  test('starts that are requested count together with tickets that wait', async () => {
    const { clock, arrive, clients, requested } = sharedQueue()
    for (let left = 3; left > 0; left--) arrive('ip', tiers.anonymous)
    await clock.pass(100)
    for (let left = 5; left > 0; left--) arrive('ip', tiers.anonymous)
    await clock.pass(0)
    expect(clients[7]?.error).toMatchObject({ why: 'waiting' })
    expect(requested).toHaveLength(7)
  })

  test('of two tickets of a key the first one takes the start that is granted sooner', async () => {
    const clock = manualClock()
    const store = createMemoryStore({ clock })
    const waits = [1000, 0]
    const reserve: LimitStore['reserve'] = (_, __, now) => {
      const start = now + (waits.shift() ?? 0)
      return { granted: true, id: String(start), start, usedUntil: start }
    }
    const { arrive, started } = testQueue({ clock, store: { ...store, reserve } })
    arrive('a', tiers.seed)
    arrive('a', tiers.seed)
    await clock.pass(0)
    expect(started).toEqual(['a0'])
    await clock.pass(1000)
    expect(started).toEqual(['a0', 'a1'])
  })

  test('a group asks for no more starts than may run and wait', async () => {
    const { clock, arrive, clients, requested } = sharedQueue({ limit: 1, maxWaitingPerGroup: 1 })
    for (const key of ['a', 'b', 'c']) arrive(key, tiers.anonymous, { group: 'g' })
    arrive('d', tiers.anonymous, { group: 'other' })
    await clock.pass(0)
    expect(clients[2]?.error).toMatchObject({ why: 'group' })
    expect(requested).toEqual(['a', 'b', 'd'])
  })

  test('all keys together ask for no more starts than may run and wait', async () => {
    const { clock, arrive, clients, requested } = sharedQueue({ limit: 1, maxWaiting: 1 })
    for (const key of ['a', 'b', 'c']) arrive(key, tiers.anonymous)
    await clock.pass(0)
    expect(clients[2]?.error).toMatchObject({ why: 'total', status: 503 })
    expect(requested).toEqual(['a', 'b'])
    await clock.pass(100)
    // One runs and one waits, so one more start may be requested.
    for (const key of ['d', 'e']) arrive(key, tiers.anonymous)
    await clock.pass(0)
    expect(clients[4]?.error).toMatchObject({ why: 'total' })
    expect(requested).toEqual(['a', 'b', 'd'])
  })

  test.each([
    ['without an interval', limits, {}],
    ['that bypasses the interval', tiers.seed, { bypass: true }],
    ['that costs nothing', tiers.seed, { cost: 0 }],
  ])('a ticket %s requests no start', async (_, ticketLimits, more) => {
    const { clock, arrive, clients, requested } = sharedQueue()
    arrive('a', ticketLimits, more)
    await clock.pass(100)
    expect(clients[0]?.slot).toBeDefined()
    expect(requested).toEqual([])
  })

  test.each([
    ['running', 'waiting'],
    ['wait', 'wait'],
    ['keys', 'keys'],
  ] as const)('a start that is refused with "%s" is refused with "%s"', async (why, shown) => {
    const clock = manualClock()
    const store = createMemoryStore({ clock })
    const reserve: LimitStore['reserve'] = () => ({ granted: false, why, retryAfterMs: 500 })
    const { arrive, clients } = testQueue({ clock, store: { ...store, reserve } })
    arrive('a', tiers.anonymous)
    await clock.pass(0)
    expect(clients[0]?.error).toMatchObject({ why: shown })
  })

  test('a lease that is refused because the store is full is refused with "keys"', async () => {
    const clock = manualClock()
    const store = createMemoryStore({ clock })
    const acquire: LimitStore['acquire'] = () => ({ granted: false, why: 'keys', retryAfterMs: 5 })
    const { arrive, clients } = testQueue({ clock, store: { ...store, acquire } })
    arrive('a', limits)
    await clock.pass(0)
    expect(clients[0]?.error).toMatchObject({ why: 'keys', status: 503 })
  })

  test('a lease that another process holds is requested again when it may be free, or after pollMs', async () => {
    const clock = manualClock()
    const store = createMemoryStore({ clock })
    const times: number[] = []
    const begin = clock.now()
    let retryAfterMs = 100
    const acquire: LimitStore['acquire'] = () => {
      times.push(clock.now() - begin)
      return { granted: false, why: 'running', retryAfterMs }
    }
    const { arrive } = testQueue({ clock, pollMs: 250, store: { ...store, acquire } })
    arrive('a', limits)
    await clock.pass(300)
    expect(times).toEqual([0, 100, 200, 300])
    retryAfterMs = 10_000
    await clock.pass(600)
    expect(times).toEqual([0, 100, 200, 300, 400, 650, 900])
  })

  test('keys stay bounded when the store fails and every ticket may start', async () => {
    const clock = manualClock()
    const store = createMemoryStore({ clock })
    const reserve: LimitStore['reserve'] = () => Promise.reject(new Error('down'))
    const acquire: LimitStore['acquire'] = () => Promise.reject(new Error('down'))
    const failing = { ...store, reserve, acquire }
    const { arrive, clients } = testQueue({ clock, store: failing, failMode: 'open', maxKeys: 2 })
    for (const key of ['a', 'b', 'c']) arrive(key, tiers.anonymous)
    await clock.pass(0)
    expect(clients.slice(0, 2).every(({ slot }) => slot !== undefined)).toBe(true)
    expect(clients[2]?.error).toMatchObject({ why: 'keys', status: 503 })
  })
})

describe('state', () => {
  test('the interval of a key counts only for tickets that it holds back', async () => {
    const { queue } = testQueue()
    const { anonymous } = tiers
    const slot = await queue.enter({ key: 'ip', limits: anonymous })
    slot.release()
    expect(queue.state({ key: 'ip', limits: anonymous }).resetMs).toBeGreaterThan(0)
    expect(queue.state({ key: 'ip', limits: anonymous, bypass: true }).resetMs).toBe(0)
    expect(queue.state({ key: 'ip', limits: { ...anonymous, intervalMs: 0 } }).resetMs).toBe(0)
  })
})

describe('groups', () => {
  test('one group cannot fill the waiting room, however many keys it has', async () => {
    const { arrive, clock, clients, queue } = testQueue({ limit: 1, maxWaiting: 40 })
    arrive('x', one)
    for (let count = 0; count < 40; count++) {
      arrive(`ip:2001:db8:1:${count.toString(16)}::/64`, one, { group: '2001:db8:1::/48' })
    }
    arrive('ip:203.0.113.7', one, { group: '203.0.113.0/24' })
    await clock.pass(0)
    expect(queue.totals.waiting).toBe(5)
    expect(clients[5]?.error).toMatchObject({ why: 'group', status: 429 })
    expect(clients[41]?.error).toBeUndefined()
  })

  test('a waiting place becomes free when a ticket of the group starts, leaves or is refused', async () => {
    const { arrive, clock, clients, queue } = testQueue({ limit: 1, maxWaitingPerGroup: 1 })
    const leaving = new AbortController()
    arrive('x', one)
    arrive('a', one, { group: 'g', signal: leaving.signal })
    arrive('b', one, { group: 'g' })
    leaving.abort('gone')
    arrive('c', one, { group: 'g' })
    await clock.pass(0)
    expect(clients[2]?.error).toMatchObject({ why: 'group' })
    clients[0]?.slot?.release()
    arrive('d', one, { group: 'g' })
    await clock.pass(0)
    expect(clients[3]?.slot).toBeDefined()
    expect(clients[4]?.error).toBeUndefined()
    expect(queue.totals.waiting).toBe(1)
  })

  test('a full group does not stop tickets that start at once', async () => {
    const { arrive, clock, clients } = testQueue({ limit: 3, maxWaitingPerGroup: 1 })
    arrive('a', one, { group: 'g' })
    arrive('a', one, { group: 'g' })
    arrive('b', one, { group: 'g' })
    await clock.pass(0)
    expect(clients[2]?.slot).toBeDefined()
  })
})

describe('overload and quota are told apart', () => {
  test('a key that only lacks a slot is refused with 503', async () => {
    const { arrive, clock, clients } = testQueue({ limit: 1 })
    arrive('a', one)
    arrive('subject:u2', tiers.nectar, { bypass: true })
    arrive('ip', { ...tiers.anonymous, maxWaitMs: 0 })
    await clock.pass(60_000)
    for (const client of clients.slice(1)) {
      expect(client.error).toMatchObject({ why: 'slots', status: 503, retryAfterMs: 1000 })
    }
  })

  test('a key that reached its own concurrency or interval is refused with 429', async () => {
    const { arrive, clock, clients } = testQueue({ limit: 8 })
    arrive('a', one)
    arrive('a', one)
    arrive('ip', { ...tiers.anonymous, maxWaitMs: 5000 })
    arrive('ip', { ...tiers.anonymous, maxWaitMs: 5000 })
    await clock.pass(60_000)
    expect(clients[1]?.error).toMatchObject({ why: 'wait', status: 429 })
    expect(clients[3]?.error).toMatchObject({ why: 'wait', status: 429 })
  })
})

describe('signal of the caller', () => {
  const single: KeyLimits = {
    intervalMs: 0,
    concurrency: 1,
    maxWaiting: 5,
    maxWaitMs: Infinity,
    weight: 1,
  }
  const ticket = { key: 'k', limits: single }

  test('the function of a caller is not called when the ticket starts at once', async () => {
    const queue = createQueue()
    const leaving = new AbortController()
    const caller = vi.fn<() => AbortSignal>(() => leaving.signal)
    const slot = await queue.enter(ticket, caller)
    expect(caller).not.toHaveBeenCalled()
    const { signal } = slot
    expect(signal.aborted).toBe(false)
    leaving.abort('enough')
    expect(signal.reason).toBe('enough')
    slot.release()
  })

  test('a waiting ticket leaves when its caller aborts', async () => {
    const queue = createQueue()
    const slot = await queue.enter(ticket)
    const leaving = new AbortController()
    const waiting = queue.enter(ticket, () => leaving.signal)
    expect(queue.totals.waiting).toBe(1)
    leaving.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    expect(queue.totals.waiting).toBe(0)
    slot.release()
  })

  test('an aborted caller does not start, although a slot is free', async () => {
    const { queue, events } = testQueue()
    const entered = queue.enter({ key: 'a', limits }, AbortSignal.abort('left'))
    await expect(entered).rejects.toBe('left')
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
    expect(events.map(({ type }) => type)).toEqual(['abort'])
  })

  test('an aborted caller does not start waiting', async () => {
    const queue = createQueue()
    const slot = await queue.enter(ticket)
    await expect(queue.enter(ticket, () => AbortSignal.abort('gone'))).rejects.toBe('gone')
    expect(queue.totals.waiting).toBe(0)
    slot.release()
    expect(queue.totals.running).toBe(0)
  })
})

test('a listener that throws does not stop a ticket', async () => {
  const { arrive, clock, clients } = testQueue({
    onEvent: () => {
      throw new Error('listener')
    },
  })
  arrive('a', limits)
  await clock.pass(0)
  expect(clients[0]?.slot).toBeDefined()
})

test('one key without interval behaves as p-queue does', async () => {
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

async function thrown(): Promise<void> {
  throw new Error('work')
}
