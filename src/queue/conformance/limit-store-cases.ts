import { leaseCases } from './lease-cases.ts'
import { expectSame, type LimitStoreCase } from './limit-store-case.ts'
import { startCases } from './start-cases.ts'

const request = { intervalMs: 6000, perInterval: 1, maxQueue: 5, maxWaitMs: 60_000, cost: 1 }
const lease = { limit: 1, leaseMs: 90_000 }
const awkward = [
  'a b',
  ' ',
  '',
  '1 2',
  '__proto__',
  'ip:2001:db8:1:2::/64',
  'ключ',
  'k'.repeat(600),
]

/** Requirements on keys. */
export const keyCases: readonly LimitStoreCase[] = [
  {
    title: 'a store reports its capabilities and is atomic',
    run: async ({ store }) => {
      const { atomic, distributed, strong, minTtlMs } = store.capabilities
      expectSame('atomic', atomic, true)
      const types = [typeof distributed, typeof strong, typeof minTtlMs]
      expectSame('types', types, ['boolean', 'boolean', 'number'])
    },
  },
  {
    title: 'keys are independent, whatever characters they contain',
    run: async ({ store, now }) => {
      for (const key of awkward) {
        const reserved = await store.reserve(key, request, now())
        expectSame(`start of "${key}"`, reserved.granted && reserved.start - now(), 0)
        const taken = await store.acquire(key, lease, now())
        expectSame(`lease of "${key}"`, taken.granted, true)
        const ahead = await store.reserve(key, request, now())
        if (!taken.granted || !ahead.granted) throw new Error(`"${key}" was refused.`)
        await store.cancel(ahead.id)
        expectSame(`renewal of "${key}"`, await store.renew(taken.id, 90_000), true)
        await store.release(taken.id)
        const { waiting, running } = await store.stats(key)
        expectSame(`left of "${key}"`, [waiting, running], [0, 0])
      }
    },
  },
  {
    title: 'stats count waiting reservations and running leases',
    run: async ({ store, now, pass }) => {
      const unknown = await store.stats('key')
      expectSame('unknown', [unknown.waiting, unknown.running, unknown.usedUntil], [0, 0, 0])
      for (let left = 3; left > 0; left--) await store.reserve('key', request, now())
      await store.acquire('key', lease, now())
      const stats = await store.stats('key')
      const { waiting, running, usedUntil } = stats
      expectSame('at once', [waiting, running, usedUntil - now()], [2, 1, 18_000])
      await pass(6000)
      expectSame('one step later', (await store.stats('key')).waiting, 1)
      await pass(90_000)
      const late = await store.stats('key')
      expectSame('much later', [late.waiting, late.running], [0, 0])
    },
  },
  {
    title: 'idle keys are removed after five minutes, keys with work are not',
    run: async ({ store, now, pass }) => {
      await store.reserve('idle', request, now())
      const held = await store.acquire('busy', lease, now())
      if (!held.granted) throw new Error('A lease was refused.')
      expectSame('at once', await store.sweep(now()), 2)
      for (let minute = 0; minute < 5; minute++) {
        await pass(60_000)
        await store.renew(held.id, lease.leaseMs)
      }
      expectSame('after five minutes', await store.sweep(now()), 1)
      await store.release(held.id)
      await pass(600_000)
      expectSame('in the end', await store.sweep(now()), 0)
    },
  },
  {
    title: 'a key with a long interval is kept for two intervals',
    run: async ({ store, now, pass }) => {
      await store.reserve('key', { ...request, intervalMs: 400_000 }, now())
      await pass(500_000)
      expectSame('after 500 s', await store.sweep(now()), 1)
      await pass(300_000)
      expectSame('after 800 s', await store.sweep(now()), 0)
    },
  },
]

/**
 * Conformance cases of a limit store, for any test framework. Give each case a new store.
 *
 * @example
 * for (const { title, run } of limitStoreCases) test(title, () => run({ store, now: Date.now, pass: sleep }))
 */
export const limitStoreCases: readonly LimitStoreCase[] = [
  ...startCases,
  ...leaseCases,
  ...keyCases,
]
