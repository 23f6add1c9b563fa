import { expect, test } from 'vitest'
import { testQueue } from './testing/testQueue.ts'
import { tiers } from './testing/tiers.ts'

test('100 000 addresses never take more than 10 000 keys, and none after the idle time', async () => {
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
