import { describe, expect, test } from 'vitest'
import { createMemoryStore } from './memory-store.ts'
import { createQueue } from './fair-queue.ts'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

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
