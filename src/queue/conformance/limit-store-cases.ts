import {
  expectSame,
  startCases,
  type LimitStoreCase,
  type LimitStoreSubject,
} from './reservation-cases.ts'

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
const keyCases: readonly LimitStoreCase[] = [
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

const leaseMs = 90_000

/** Requirements on leases. */
const leaseCases: readonly LimitStoreCase[] = [
  {
    title: 'at most as many leases are in use as the limit says',
    run: async (subject) => {
      const [first] = await take(subject, 2, 2)
      expectSame('one more', await tryTake(subject, 2), 'running')
      await subject.store.release(first as string)
      await take(subject, 2, 1)
      expectSame('one more after that', await tryTake(subject, 2), 'running')
    },
  },
  {
    title: 'the limit of the call applies',
    run: async (subject) => {
      await take(subject, 1, 1)
      expectSame('same limit', await tryTake(subject, 1), 'running')
      await take(subject, 3, 2)
      expectSame('lower limit', await tryTake(subject, 1), 'running')
    },
  },
  {
    title: 'releasing twice, or an unknown id, frees no other lease',
    run: async (subject) => {
      const [first] = await take(subject, 2, 2)
      await subject.store.release(first as string)
      await subject.store.release(first as string)
      await subject.store.release('unknown id')
      await take(subject, 2, 1)
      expectSame('one more', await tryTake(subject, 2), 'running')
    },
  },
  {
    title: 'of many concurrent requests for leases, only as many as the limit succeed',
    run: async (subject) => {
      const replies = await Promise.all(Array.from({ length: 20 }, () => tryTake(subject, 3)))
      expectSame('leases', replies.filter((why) => why === null).length, 3)
    },
  },
  {
    title: 'a lease expires at the time that the refusal reported',
    run: async (subject) => {
      const { store, now } = subject
      await take(subject, 1, 1)
      await subject.pass(60_000)
      const refused = await store.acquire('key', { limit: 1, leaseMs }, now())
      const retryAfterMs = refused.granted ? 0 : refused.retryAfterMs
      expectSame('retry delay', retryAfterMs, 30_000)
      await subject.pass(retryAfterMs)
      expectSame('then', await tryTake(subject, 1), null)
    },
  },
  {
    title: 'a lease lasts as long as it is renewed',
    run: async (subject) => {
      const [id] = await take(subject, 1, 1)
      for (let third = 0; third < 6; third++) {
        await subject.pass(leaseMs / 3)
        expectSame('renewed', await subject.store.renew(id as string, leaseMs), true)
        expectSame('for another', await tryTake(subject, 1), 'running')
      }
    },
  },
  {
    title: 'an expired lease that was given to another caller is lost, and stays lost',
    run: async (subject) => {
      const [id] = await take(subject, 1, 1)
      await subject.pass(leaseMs)
      const [other] = await take(subject, 1, 1)
      expectSame('renewed', await subject.store.renew(id as string, leaseMs), false)
      await subject.store.release(id as string)
      expectSame('the new one holds', await tryTake(subject, 1), 'running')
      await subject.store.release(other as string)
      expectSame('renewed after all', await subject.store.renew(id as string, leaseMs), false)
    },
  },
  {
    title: 'a released or unknown lease cannot be renewed',
    run: async (subject) => {
      const [id] = await take(subject, 1, 1)
      await subject.store.release(id as string)
      expectSame('renewed', await subject.store.renew(id as string, leaseMs), false)
      expectSame('unknown', await subject.store.renew('unknown id', leaseMs), false)
    },
  },
  {
    title: 'a failed call leaves no lease',
    run: async (subject) => {
      if (!subject.breakNext) return
      subject.breakNext()
      const failed = await tryTake(subject, 1).then(
        () => false,
        () => true,
      )
      expectSame('failed', failed, true)
      expectSame('then', await tryTake(subject, 1), null)
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

/** The reason why no lease was acquired; null when one was. */
async function tryTake({ store, now }: LimitStoreSubject, limit: number): Promise<string | null> {
  const reply = await store.acquire('key', { limit, leaseMs }, now())
  return reply.granted ? null : reply.why
}

async function take(
  { store, now }: LimitStoreSubject,
  limit: number,
  count: number,
): Promise<string[]> {
  const ids: string[] = []
  for (let left = count; left > 0; left--) {
    const reply = await store.acquire('key', { limit, leaseMs }, now())
    if (!reply.granted) throw new Error(`A lease was refused: ${reply.why}.`)
    ids.push(reply.id)
  }
  return ids
}
