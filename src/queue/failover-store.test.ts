import { expect, test, vi } from 'vitest'
import { shareLimits } from './failover-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { manualClock } from './testing/manualClock.ts'
import { remoteStore } from './testing/remoteStore.ts'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const refusal = (why: string): unknown => expect.objectContaining({ code: 'busy', why })

test.each([
  ['local', [0, 12_000], undefined],
  ['open', [0, 0], undefined],
  ['closed', [undefined, undefined], refusal('store')],
] as const)(
  'a store that throws: failMode %s answers, and it is reported once a minute',
  async (failMode, expected, error) => {
    const clock = manualClock()
    const store = createMemoryStore({ clock })
    const onStoreError = vi.fn()
    const broken = {
      ...store,
      reserve: () => {
        throw new Error('down')
      },
    }
    const limits = { ...tiers.anonymous, concurrency: 2 }
    const queue = testQueue({
      clock,
      store: broken,
      failMode,
      instances: 4,
      onStoreError,
    })
    queue.arrive('ip', limits)
    queue.arrive('ip', limits)
    await clock.pass(30_000)
    expect(queue.clients.map((client) => client.startedAt)).toEqual(expected)
    if (error) expect(queue.clients.map((client) => client.error)).toEqual([error, error])
    expect(onStoreError).toHaveBeenCalledTimes(1)
    expect(onStoreError).toHaveBeenCalledWith(new Error('down'))
    await clock.pass(31_000)
    queue.arrive('ip2', limits)
    expect(onStoreError).toHaveBeenCalledTimes(2)
  },
)

test('a store that hangs counts as failed after a second, and later tickets do not wait for it', async () => {
  const clock = manualClock()
  const memory = createMemoryStore({ clock })
  const troubles: ('ok' | 'hangs')[] = ['hangs']
  const store = remoteStore(memory, { travel: () => clock.sleep(10), troubles })
  const onStoreError = vi.fn()
  const { arrive, clients, queue } = testQueue({ clock, store, onStoreError })
  arrive('a', tiers.anonymous)
  await clock.pass(999)
  expect(clients[0]?.slot).toBeUndefined()
  await clock.pass(1)
  expect(clients[0]?.startedAt).toBe(1000)
  arrive('b', tiers.anonymous)
  await clock.pass(0)
  expect(clients[1]?.startedAt).toBe(1000)
  await clock.pass(1000)
  arrive('c', tiers.anonymous)
  await clock.pass(40)
  expect(clients[2]?.startedAt).toBe(2040)
  expect(memory.stats('c').running).toBe(1)
  expect(onStoreError).toHaveBeenCalledTimes(1)
  for (const { slot } of clients) slot?.release()
  await clock.pass(100)
  expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
  expect(clock.sleeping).toBe(0)
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
