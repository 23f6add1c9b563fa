import { expectSame, type LimitStoreCase, type LimitStoreSubject } from './limit-store-case.ts'

const leaseMs = 90_000

/** Requirements on leases. */
export const leaseCases: readonly LimitStoreCase[] = [
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
      await subject.store.release('nobody')
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
      expectSame('unknown', await subject.store.renew('nobody', leaseMs), false)
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
