import { expect, test } from 'vitest'
import { createQueue } from '../fair-queue.ts'
import { limitStoreCases } from './limit-store-cases.ts'
import { memorySubject } from '../testing/memorySubject.ts'

test.each(limitStoreCases)('$title', ({ run }) => run(memorySubject()))

test('a queue delays and starts tickets on the clock of the browser', async () => {
  const queue = createQueue()
  const limits = {
    intervalMs: 100,
    concurrency: 1,
    maxWaiting: 1,
    maxWaitMs: 10_000,
    weight: 1,
  }
  const slots = [queue.enter({ key: 'a', limits }), queue.enter({ key: 'a', limits })]
  await expect(queue.enter({ key: 'a', limits })).rejects.toMatchObject({ why: 'waiting' })
  const [first, second] = slots
  ;(await first)?.release()
  expect((await second)?.waitMs).toBeGreaterThanOrEqual(99)
  ;(await second)?.release()
  expect(queue.totals).toMatchObject({ waiting: 0, running: 0 })
})
