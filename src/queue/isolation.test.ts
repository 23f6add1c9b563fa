import { describe, expect, test } from 'vitest'
import { createQueue } from './fair-queue.ts'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }
const one = { ...limits, concurrency: 1 }

describe('reserved slots', () => {
  test('32 strangers cannot hold every slot: a token starts at once in the slots of its pool', async () => {
    const { come, clock, queue, guests } = testQueue({ limit: 32, reserved: { token: 8 } })
    for (let count = 0; count < 32; count++) come(`stranger${count}`, one)
    for (let count = 0; count < 8; count++) come('subject:u2', tiers.nectar, { pool: 'token' })
    await clock.pass(0)
    expect(guests.filter(({ slot }) => slot)).toHaveLength(32)
    expect(guests.slice(32).every(({ slot }) => slot?.waitMs === 0)).toBe(true)
    expect(queue.totals).toMatchObject({ running: 32, waiting: 8 })
  })

  test('a freed slot goes to the next key that may use it, and the others keep their turns', async () => {
    const { come, clock, guests, started } = testQueue({ limit: 2, reserved: { token: 1 } })
    for (const key of ['a', 'b', 'c']) come(key, one)
    for (let count = 0; count < 3; count++) come('t', limits, { pool: 'token' })
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3'])
    guests[3]?.slot?.release()
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3', 't4'])
    guests[0]?.slot?.release()
    await clock.pass(0)
    expect(started).toEqual(['a0', 't3', 't4', 'b1'])
  })

  test('a pool uses unreserved slots in its turn when its own are taken', async () => {
    const { come, clock, queue } = testQueue({ limit: 4, reserved: { token: 1 } })
    for (let count = 0; count < 6; count++) come('t', limits, { pool: 'token' })
    await clock.pass(0)
    expect(queue.totals.running).toBe(4)
  })

  test('a lower limit shrinks them in proportion and leaves one slot to all', async () => {
    const { come, clock, queue, guests } = testQueue({ limit: 8, reserved: { token: 4, staff: 2 } })
    queue.setLimit(3)
    come('a', one)
    come('b', one)
    come('t', one, { pool: 'token' })
    await clock.pass(0)
    expect(guests.map(({ slot }) => slot !== undefined)).toEqual([true, true, true])
    queue.setLimit(1)
    for (const { slot } of guests) slot?.release()
    come('c', one)
    await clock.pass(0)
    expect(guests[3]?.slot).toBeDefined()
  })

  test('as many as the limit, or more, are a configuration error', () => {
    expect(() => createQueue({ limit: 4, reserved: { token: 4 } })).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining('4 of 4'),
      }),
    )
    expect(() => createQueue({ reserved: { token: 1.5 } })).toThrow('reserved.token')
  })
})

describe('groups', () => {
  test('one group cannot fill the waiting room, however many keys it has', async () => {
    const { come, clock, guests, queue } = testQueue({ limit: 1, maxWaiting: 40 })
    come('x', one)
    for (let count = 0; count < 40; count++) {
      come(`ip:2001:db8:1:${count.toString(16)}::/64`, one, { group: '2001:db8:1::/48' })
    }
    come('ip:203.0.113.7', one, { group: '203.0.113.0/24' })
    await clock.pass(0)
    expect(queue.totals.waiting).toBe(5)
    expect(guests[5]?.error).toMatchObject({ why: 'group', status: 429 })
    expect(guests[41]?.error).toBeUndefined()
  })

  test('a place is free again when a ticket of the group starts, leaves or is refused', async () => {
    const { come, clock, guests, queue } = testQueue({ limit: 1, maxWaitingPerGroup: 1 })
    const leaving = new AbortController()
    come('x', one)
    come('a', one, { group: 'g', signal: leaving.signal })
    come('b', one, { group: 'g' })
    leaving.abort('gone')
    come('c', one, { group: 'g' })
    await clock.pass(0)
    expect(guests[2]?.error).toMatchObject({ why: 'group' })
    guests[0]?.slot?.release()
    come('d', one, { group: 'g' })
    await clock.pass(0)
    expect(guests[3]?.slot).toBeDefined()
    expect(guests[4]?.error).toBeUndefined()
    expect(queue.totals.waiting).toBe(1)
  })

  test('a full group does not stop tickets that start at once', async () => {
    const { come, clock, guests } = testQueue({ limit: 3, maxWaitingPerGroup: 1 })
    come('a', one, { group: 'g' })
    come('a', one, { group: 'g' })
    come('b', one, { group: 'g' })
    await clock.pass(0)
    expect(guests[2]?.slot).toBeDefined()
  })
})

describe('overload and quota are told apart', () => {
  test('a key that could start but for the slots is refused with 503', async () => {
    const { come, clock, guests } = testQueue({ limit: 1 })
    come('a', one)
    come('subject:u2', tiers.nectar, { bypass: true })
    come('ip', { ...tiers.anonymous, maxWaitMs: 0 })
    await clock.pass(60_000)
    for (const guest of guests.slice(1)) {
      expect(guest.error).toMatchObject({ why: 'slots', status: 503, retryAfterMs: 1000 })
    }
  })

  test('a key that its own running work or its interval holds up is refused with 429', async () => {
    const { come, clock, guests } = testQueue({ limit: 8 })
    come('a', one)
    come('a', one)
    come('ip', { ...tiers.anonymous, maxWaitMs: 5000 })
    come('ip', { ...tiers.anonymous, maxWaitMs: 5000 })
    await clock.pass(60_000)
    expect(guests[1]?.error).toMatchObject({ why: 'wait', status: 429 })
    expect(guests[3]?.error).toMatchObject({ why: 'wait', status: 429 })
  })
})

test('an aborted slot is free at once, although its work goes on', async () => {
  const { come, clock, guests, queue } = testQueue({ limit: 1 })
  come('a', one)
  come('b', one)
  await clock.pass(0)
  const slot = guests[0]?.slot
  slot?.abort(new Error('too slow'))
  await clock.pass(0)
  expect(slot?.signal.reason).toEqual(new Error('too slow'))
  expect(guests[1]?.slot).toBeDefined()
  slot?.release()
  slot?.abort()
  expect(slot?.signal.reason).toEqual(new Error('too slow'))
  expect(queue.totals.running).toBe(1)
  guests[1]?.slot?.abort()
  expect(guests[1]?.slot?.signal.reason).toMatchObject({ name: 'AbortError' })
  expect(queue.totals.running).toBe(0)
  expect(clock.sleeping).toBe(0)
})
