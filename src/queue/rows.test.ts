import { expect, test, vi } from 'vitest'
import { createMemoryStore } from './memory-store.ts'
import { manualClock } from './testing/manualClock.ts'
import { remoteStore } from './testing/remoteStore.ts'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const refusal = (why: string): unknown => expect.objectContaining({ code: 'busy', why })

test('row 44: of seven at once one starts, five wait, the last is refused; starts are 6 s apart', async () => {
  const { queue, clock, come, guests, events } = testQueue()
  for (let left = 7; left > 0; left--) come('ip:203.0.113.7', tiers.anonymous)
  await clock.pass(0)
  expect(queue.totals).toMatchObject({ running: 1, waiting: 5 })
  expect(guests[6]?.error).toMatchObject({ why: 'waiting', status: 429, retryAfterMs: 36_000 })
  for (let turn = 0; turn < 6; turn++) {
    guests[turn]?.slot?.release()
    await clock.pass(6000)
  }
  const startedAt = [0, 6000, 12_000, 18_000, 24_000, 30_000, undefined]
  expect(guests.map((guest) => guest.startedAt)).toEqual(startedAt)
  expect(guests[3]?.slot?.waitMs).toBe(18_000)
  const types = events.map(({ type }) => type)
  expect(types.filter((type) => type === 'enter')).toHaveLength(6)
  expect(types.filter((type) => type === 'start')).toHaveLength(6)
  expect(types.filter((type) => type === 'reject')).toHaveLength(1)
  expect(clock.sleeping).toBe(0)
})

test('row 44: starts are 6 s apart, and work that lasts longer holds up the next', async () => {
  const { clock, come, guests } = testQueue()
  for (let left = 3; left > 0; left--) come('ip', tiers.anonymous)
  await clock.pass(10_000)
  expect(guests[1]?.slot).toBeUndefined()
  guests[0]?.slot?.release()
  await clock.pass(0)
  expect(guests[1]?.startedAt).toBe(10_000)
  guests[1]?.slot?.release()
  await clock.pass(6000)
  expect(guests[2]?.startedAt).toBe(12_000)
})

test('row 47: a token counts by its own tier after an anonymous request of the same address', async () => {
  const { come, clock, started } = testQueue()
  come('ip', tiers.anonymous)
  for (let left = 20; left > 0; left--) come('subject:u2', tiers.nectar, { bypass: true })
  await clock.pass(0)
  expect(started).toHaveLength(21)
})

test('row 47: limits on one key follow the ticket, not whoever came first', async () => {
  const { come, clock, guests } = testQueue()
  come('ip', tiers.anonymous)
  come('ip', tiers.recognised)
  come('ip', tiers.anonymous)
  await clock.pass(20_000)
  expect(guests.map((guest) => guest.startedAt)).toEqual([0, 4500, undefined])
  expect(guests[1]?.slot?.state).toMatchObject({ cap: 2, max: 10 })
})

test('row 48: two users behind one address have queues of their own', async () => {
  const { come, clock, started } = testQueue()
  for (let left = 3; left > 0; left--) come('subject:u1', tiers.seed)
  for (let left = 3; left > 0; left--) come('subject:u3', tiers.seed)
  await clock.pass(0)
  expect(started).toHaveLength(6)
})

test('row 49: one user at two addresses has one limit', async () => {
  const { come, clock, queue, started } = testQueue()
  for (let left = 5; left > 0; left--) come('subject:u1', tiers.seed)
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

test('row 50: of a nectar burst of 25 run 20, and five start as slots are free', async () => {
  const { queue, come, clock, guests } = testQueue({ limit: 32 })
  for (let left = 25; left > 0; left--) come('subject:u2', tiers.nectar, { bypass: true })
  await clock.pass(0)
  expect(queue.totals).toMatchObject({ running: 20, waiting: 5 })
  for (let turn = 0; turn < 25; turn++) {
    expect(queue.totals.running).toBeLessThanOrEqual(20)
    guests[turn]?.slot?.release()
    await clock.pass(1)
    expect(guests.filter(({ slot }) => slot)).toHaveLength(Math.min(25, 21 + turn))
  }
  expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
})

test('row 51: who goes away while waiting is gone at once, never runs, and others move up', async () => {
  const { queue, come, clock, guests, events } = testQueue()
  const leaving = new AbortController()
  const work = vi.fn()
  come('ip', tiers.anonymous)
  const left = queue.run({ key: 'ip', limits: tiers.anonymous }, work, leaving.signal)
  come('ip', tiers.anonymous)
  await clock.pass(1000)
  leaving.abort(new Error('gone'))
  expect(queue.totals.waiting).toBe(1)
  await expect(left).rejects.toThrow('gone')
  expect(events.at(-1)).toMatchObject({ type: 'abort', key: 'ip', waitMs: 1000 })
  come('ip', tiers.anonymous)
  for (const { entered } of guests) void entered.then((slot) => slot.release())
  await clock.pass(11_000)
  expect(guests.map((guest) => guest.startedAt)).toEqual([0, 6000, 12_000])
  await clock.pass(60_000)
  expect(work).not.toHaveBeenCalled()
  expect(clock.sleeping).toBe(0)
})

test('row 52: who goes away while running is told, and its slot is free when the work has ended', async () => {
  const { queue, come, clock, guests } = testQueue()
  const leaving = new AbortController()
  const limits = { ...tiers.nectar, concurrency: 1 }
  let end: (() => void) | undefined
  let told: unknown
  const ran = queue.run(
    { key: 'u', limits },
    ({ signal }) =>
      new Promise<void>((resolve) => {
        end = resolve
        signal.addEventListener('abort', () => (told = signal.reason))
      }),
    leaving.signal,
  )
  come('u', limits)
  await clock.pass(10)
  leaving.abort('gone')
  await clock.pass(10)
  expect(told).toBe('gone')
  expect(guests[0]?.slot).toBeUndefined()
  end?.()
  await ran
  await clock.pass(0)
  expect(guests[0]?.startedAt).toBe(20)
})

test.each([
  ['throws', () => thrown()],
  ['rejects', () => Promise.reject(new Error('work'))],
])('row 53: work that %s frees its slot, and the queue goes on', async (_, work) => {
  const { queue, clock } = testQueue()
  const ticket = { key: 'u', limits: { ...tiers.nectar, concurrency: 1 } }
  await expect(queue.run(ticket, work)).rejects.toThrow('work')
  await expect(queue.run(ticket, async () => 'next')).resolves.toBe('next')
  expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
  expect(clock.sleeping).toBe(0)
})

test('row 54: work runs once, or never when it was refused or given up', async () => {
  const { queue, clock } = testQueue({ limit: 2 })
  const runs: string[] = []
  const work = (name: string) => async (): Promise<void> => {
    runs.push(name)
    await clock.sleep(10)
  }
  const gone = AbortSignal.abort('gone')
  const ticket = { key: 'ip', limits: { ...tiers.anonymous, maxWaiting: 1 } }
  const all = Promise.allSettled([
    queue.run({ key: 'u', limits: tiers.nectar, bypass: true }, work('bypass')),
    queue.run(ticket, work('first')),
    queue.run(ticket, work('second')),
    queue.run(ticket, work('refused')),
    queue.run(ticket, work('gone'), gone),
  ])
  await clock.pass(60_000)
  const statuses = (await all).map(({ status }) => status)
  expect(statuses).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(runs).toEqual(['bypass', 'first', 'second'])
})

test('row 54: a signal that aborts between the grant and the start keeps the work from running', async () => {
  const { queue } = testQueue()
  const leaving = new AbortController()
  const work = vi.fn()
  const ran = queue.run({ key: 'u', limits: tiers.nectar }, work, leaving.signal)
  leaving.abort(new Error('gone'))
  await expect(ran).rejects.toThrow('gone')
  expect(work).not.toHaveBeenCalled()
  expect(queue.totals.running).toBe(0)
})

test('row 55: 100 000 addresses never take more than 10 000 keys, and none after the idle time', async () => {
  const { queue, clock } = testQueue({ onEvent: () => undefined })
  let most = 0
  for (let address = 0; address < 100_000; address++) {
    const slot = await queue.enter({ key: `ip:${address}`, limits: tiers.anonymous })
    slot.release()
    if (address % 1000 === 0) most = Math.max(most, queue.totals.keys)
  }
  expect(most).toBeLessThanOrEqual(10_000)
  expect(queue.totals.keys).toBe(10_000)
  await clock.pass(299_999)
  expect(queue.totals.keys).toBe(10_000)
  await clock.pass(1)
  expect(queue.totals.keys).toBe(0)
  expect(clock.sleeping).toBe(0)
})

test('row 55: when all keys have work the next one is refused, and none is evicted', async () => {
  const { queue, clock, come, guests } = testQueue({ maxKeys: 3 })
  for (const key of ['a', 'b', 'c', 'd']) come(key, tiers.anonymous)
  await clock.pass(0)
  expect(guests[3]?.error).toMatchObject({ why: 'keys', status: 503, retryAfterMs: 1000 })
  come('a', tiers.anonymous)
  guests[1]?.slot?.release()
  come('e', tiers.anonymous)
  await clock.pass(0)
  expect(guests[5]?.slot).toBeDefined()
  expect(queue.totals.keys).toBe(3)
  expect(queue.state({ key: 'a', limits: tiers.anonymous })).toMatchObject({ waiting: 1 })
})

test.each([
  ['local', [0, 12_000], undefined],
  ['open', [0, 0], undefined],
  ['closed', [undefined, undefined], refusal('store')],
] as const)(
  'row 56: a store that throws on reserve: %s, told once a minute',
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
    queue.come('ip', limits)
    queue.come('ip', limits)
    await clock.pass(30_000)
    expect(queue.guests.map((guest) => guest.startedAt)).toEqual(expected)
    if (error) expect(queue.guests.map((guest) => guest.error)).toEqual([error, error])
    expect(onStoreError).toHaveBeenCalledTimes(1)
    expect(onStoreError).toHaveBeenCalledWith(new Error('down'))
    await clock.pass(31_000)
    queue.come('ip2', limits)
    expect(onStoreError).toHaveBeenCalledTimes(2)
  },
)

test('row 56: a store that hangs has failed after a second, and is not waited for by everybody', async () => {
  const clock = manualClock()
  const memory = createMemoryStore({ clock })
  const troubles: ('ok' | 'hangs')[] = ['hangs']
  const store = remoteStore(memory, { travel: () => clock.sleep(10), troubles })
  const onStoreError = vi.fn()
  const { come, guests, queue } = testQueue({ clock, store, onStoreError })
  come('a', tiers.anonymous)
  await clock.pass(999)
  expect(guests[0]?.slot).toBeUndefined()
  await clock.pass(1)
  expect(guests[0]?.startedAt).toBe(1000)
  come('b', tiers.anonymous)
  await clock.pass(0)
  expect(guests[1]?.startedAt).toBe(1000)
  await clock.pass(1000)
  come('c', tiers.anonymous)
  await clock.pass(40)
  expect(guests[2]?.startedAt).toBe(2040)
  expect(memory.stats('c').running).toBe(1)
  expect(onStoreError).toHaveBeenCalledTimes(1)
  for (const { slot } of guests) slot?.release()
  await clock.pass(100)
  expect(queue.totals).toMatchObject({ running: 0, waiting: 0 })
  expect(clock.sleeping).toBe(0)
})

async function thrown(): Promise<void> {
  throw new Error('work')
}
