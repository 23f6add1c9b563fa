import { describe, expect, test } from 'vitest'
import { testQueue } from './testing/testQueue.ts'
import type { TestQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

describe('whose turn it is', () => {
  test('keys start as many as their weight, in turns', async () => {
    const test = testQueue({ limit: 1, maxWaiting: 100 })
    test.come('x', limits)
    for (let count = 0; count < 6; count++) {
      test.come('a', { ...limits, weight: 3 })
      test.come('b', limits)
      test.come('c', { ...limits, weight: 2 })
    }
    expect(await order(test)).toBe('xaaabccaaabccbccbbb')
  })

  test('a busy key does not keep a quiet one waiting', async () => {
    const test = testQueue({ limit: 2 })
    for (let count = 0; count < 20; count++) test.come('busy', limits)
    test.come('quiet', tiers.anonymous)
    await test.clock.pass(0)
    test.guests[0]?.slot?.release()
    test.guests[1]?.slot?.release()
    await test.clock.pass(0)
    expect(test.started).toContain('quiet20')
  })

  test('who bypasses goes first, but lets one in after as many as its weight', async () => {
    const test = testQueue({ limit: 1 })
    test.come('x', limits)
    for (let count = 0; count < 3; count++) test.come('n', limits)
    for (let count = 0; count < 8; count++) {
      test.come('b', { ...limits, weight: 4 }, { bypass: true })
    }
    expect(await order(test)).toBe('xbbbbnbbbbnn')
  })

  test('above its concurrency, who bypasses waits like anybody else', async () => {
    const test = testQueue({ limit: 2 })
    const small = { ...limits, concurrency: 1 }
    test.come('b', small, { bypass: true })
    test.come('x', limits)
    test.come('n', limits)
    test.come('b', small, { bypass: true })
    await test.clock.pass(0)
    expect(test.started).toEqual(['b0', 'x1'])
    test.guests[0]?.slot?.release()
    await test.clock.pass(0)
    expect(test.started).toEqual(['b0', 'x1', 'n2'])
  })

  test('a key whose only ticket was given up or refused takes no turn of the others', async () => {
    const { come, clock, guests, queue } = testQueue({ limit: 1, maxWaiting: 1 })
    const leaving = new AbortController()
    come('x', limits)
    come('gone', limits, { signal: leaving.signal })
    leaving.abort('gone')
    come('a', limits)
    come('refused', limits)
    await clock.pass(0)
    guests[0]?.slot?.release()
    await clock.pass(0)
    expect(guests[2]?.startedAt).toBe(0)
    expect(queue.totals).toMatchObject({ running: 1, waiting: 0 })
  })

  test('bypassing skips the interval', async () => {
    const { come, clock, started, queue } = testQueue()
    const seed = { ...tiers.seed, concurrency: 8 }
    for (let count = 0; count < 3; count++) come('u', seed, { bypass: true })
    await clock.pass(0)
    expect(started).toHaveLength(3)
    expect(queue.state({ key: 'u', limits: seed, bypass: true }).remaining).toBe(5)
  })

  test('within a key the higher priority takes the next start', async () => {
    const { come, clock, guests } = testQueue()
    for (const priority of [0, 0, -10, 10, 0]) {
      void come('ip', tiers.anonymous, { priority }).entered.then((slot) => slot.release())
    }
    await clock.pass(60_000)
    const startedAt = [0, 12_000, 24_000, 6000, 18_000]
    expect(guests.map((guest) => guest.startedAt)).toEqual(startedAt)
  })

  test('what costs no start waits for none', async () => {
    const { come, clock, guests } = testQueue()
    const more = { ...tiers.anonymous, concurrency: 2, intervalMs: 12_000 }
    for (const cost of [2, 1, 0]) come('ip', more, { cost })
    await clock.pass(10_000)
    expect(guests.map((guest) => guest.startedAt)).toEqual([0, undefined, 0])
    guests[2]?.slot?.release()
    await clock.pass(0)
    expect(guests[1]?.startedAt).toBe(10_000)
  })
})

/** Lets one after the other end, and tells whose turns there were. */
async function order({ guests, clock, started }: TestQueue): Promise<string> {
  for (let count = 0; count < guests.length; count++) {
    await clock.pass(0)
    guests.find(({ name }) => name === started[count])?.slot?.release()
  }
  return started.map((name) => name[0]).join('')
}
