import { expectSame, type LimitStoreCase, type LimitStoreSubject } from './limit-store-case.ts'

const leaseMs = 90_000

/** What a store does about leases. */
export const leaseCases: readonly LimitStoreCase[] = [
  {
    title: 'as many leases are out as the limit says',
    run: async (subject) => {
      const [first] = await take(subject, 2, 2)
      expectSame('one more', await tryTake(subject, 2), 'running')
      await subject.store.release(first as string)
      await take(subject, 2, 1)
      expectSame('one more again', await tryTake(subject, 2), 'running')
    },
  },
  {
    title: 'the limit is that of the call',
    run: async (subject) => {
      await take(subject, 1, 1)
      expectSame('same limit', await tryTake(subject, 1), 'running')
      await take(subject, 3, 2)
      expectSame('lower limit', await tryTake(subject, 1), 'running')
    },
  },
  {
    title: 'giving back twice, or what nobody knows, frees no other lease',
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
    title: 'of many who want leases at the same time, only as many get one',
    run: async (subject) => {
      const replies = await Promise.all(Array.from({ length: 20 }, () => tryTake(subject, 3)))
      expectSame('leases', replies.filter((why) => why === null).length, 3)
    },
  },
  {
    title: 'a lease ends by itself, as the refusal said',
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
    title: 'a lease lives on while it is renewed',
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
    title: 'a lease that somebody else has now is lost, and stays lost',
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
    title: 'what was given back, or is unknown, cannot be renewed',
    run: async (subject) => {
      const [id] = await take(subject, 1, 1)
      await subject.store.release(id as string)
      expectSame('renewed', await subject.store.renew(id as string, leaseMs), false)
      expectSame('unknown', await subject.store.renew('nobody', leaseMs), false)
    },
  },
  {
    title: 'a lease that failed is not out',
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

/** Why there is no lease; null when there is one. */
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
