import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore } from './memory-store.ts'
import { manualClock } from './testing/manualClock.ts'
import { remoteStore } from './testing/remoteStore.ts'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

describe('leases', () => {
  test('are renewed after each third of their duration, and a lost lease aborts its slot', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const renew = vi.fn((id: string, ms: number) => memory.renew(id, ms))
    const { arrive, clients } = testQueue({ clock, store: { ...memory, renew }, leaseMs: 90_000 })
    arrive('a', limits)
    await clock.pass(90_000)
    expect(renew).toHaveBeenCalledTimes(3)
    const signal = clients[0]?.slot?.signal
    expect(signal?.aborted).toBe(false)
    renew.mockReturnValue(false)
    await clock.pass(30_000)
    expect(signal?.reason).toMatchObject({ code: 'busy', retryable: true })
    clients[0]?.slot?.release()
    expect(clock.sleeping).toBe(0)
  })

  test('that cannot be renewed because the store is down are kept until they expire', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const renew = vi.fn(() => {
      throw new Error('down')
    })
    const { arrive, clients } = testQueue({ clock, store: { ...memory, renew }, leaseMs: 90_000 })
    arrive('a', limits)
    await clock.pass(89_999)
    const signal = clients[0]?.slot?.signal
    expect(signal?.aborted).toBe(false)
    await clock.pass(1)
    expect(signal?.aborted).toBe(true)
  })

  test('held by another process are polled for', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const store = remoteStore(memory, { travel: async () => undefined, troubles: [] })
    const one = testQueue({ clock, store })
    const two = testQueue({ clock, store })
    const single = { ...limits, concurrency: 1 }
    one.arrive('u', single)
    await clock.pass(0)
    two.arrive('u', single)
    two.arrive('u', single)
    await clock.pass(1000)
    expect(two.started).toEqual([])
    one.clients[0]?.slot?.release()
    await clock.pass(250)
    expect(two.started).toEqual(['u0'])
    two.clients[0]?.slot?.release()
    await clock.pass(250)
    two.clients[1]?.slot?.release()
    await clock.pass(0)
    expect(clock.sleeping).toBe(0)
  })

  test('are acquired in the order of arrival, even when the answers about starts are reordered', async () => {
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
    const { arrive, queue, started } = testQueue({ clock, store })
    for (let count = 0; count < 3; count++) arrive('u', tiers.seed)
    await clock.pass(299)
    expect(queue.totals).toMatchObject({ running: 0, waiting: 3 })
    await clock.pass(1)
    expect(started).toEqual(['u0', 'u1', 'u2'])
  })

  test('that arrive after their ticket was cancelled are released', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const travel = (): Promise<void> => clock.sleep(100)
    const { arrive, queue } = testQueue({
      clock,
      store: remoteStore(memory, { travel, troubles: [] }),
    })
    const leaving = new AbortController()
    arrive('u', tiers.seed, { signal: leaving.signal })
    arrive('v', tiers.seed, { signal: leaving.signal })
    await clock.pass(250)
    leaving.abort('gone')
    expect(queue.totals.waiting).toBe(0)
    await clock.pass(1000)
    expect(queue.totals).toMatchObject({ running: 0, keys: 0 })
    expect(memory.stats('u').running).toBe(0)
    expect(clock.sleeping).toBe(0)
  })

  test('whose starts arrive after their ticket was cancelled: the starts are cancelled too', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const travel = (): Promise<void> => clock.sleep(100)
    const store = remoteStore(memory, { travel, troubles: [] })
    const { arrive, queue } = testQueue({ clock, store })
    const leaving = new AbortController()
    arrive('u', tiers.seed, { signal: leaving.signal })
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
    const { arrive, clients, queue } = testQueue({ clock, store, failMode: 'closed', limit: 1 })
    for (const key of ['a', 'b', 'a']) arrive(key, limits)
    await clock.pass(0)
    const down = expect.objectContaining({ why: 'store', status: 503 })
    expect(clients.map(({ error }) => error)).toEqual([down, down, down])
    expect(queue.totals).toMatchObject({ running: 0, waiting: 0, keys: 0 })
    expect(clock.sleeping).toBe(0)
  })

  test('of a process with a share of the limit are reused as soon as they are free', async () => {
    const clock = manualClock()
    const store = { ...createMemoryStore({ clock }), acquire: isDown }
    const { arrive, clients } = testQueue({ clock, store, instances: 2 })
    const double = { ...limits, concurrency: 2 }
    arrive('a', double)
    arrive('a', double)
    await clock.pass(20)
    expect(clients[1]?.slot).toBeUndefined()
    clients[0]?.slot?.release()
    await clock.pass(0)
    expect(clients[1]?.startedAt).toBe(20)
  })

  test('and starts that arrive after maxWaitMs are released', async () => {
    const clock = manualClock()
    const memory = createMemoryStore({ clock })
    const travel = (): Promise<void> => clock.sleep(600)
    const store = remoteStore(memory, { travel, troubles: [] })
    const { arrive, clients } = testQueue({ clock, store, failMode: 'closed' })
    arrive('u', tiers.anonymous)
    await clock.pass(5000)
    expect(clients[0]?.error).toMatchObject({ why: 'store', status: 503 })
    expect(memory.stats('u')).toMatchObject({ usedUntil: 0, running: 0 })
  })
})

function isDown(): never {
  throw new Error('down')
}
