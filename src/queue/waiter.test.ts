import { expect, test } from 'vitest'
import { createQueue } from './fair-queue.ts'
import { ranksBefore } from './waiter.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

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

test.each([
  [0, 1, 0, 2, true],
  [0, 2, 0, 1, false],
  [1, 2, 0, 1, true],
  [-1, 1, 0, 2, false],
])('priority %s, arrival %s before priority %s, arrival %s: %s', (p, a, q, b, expected) => {
  const [one, other] = [
    { priority: p, arrival: a },
    { priority: q, arrival: b },
  ]
  expect(ranksBefore(one, other)).toBe(expected)
})
