import { afterEach, expect, test, vi } from 'vitest'
import { createQueue } from '../queue/index.ts'
import { testGateway } from './testing/test-gateway.ts'

afterEach(() => void vi.useRealTimers())

test('100 000 addresses leave no state', async () => {
  vi.useFakeTimers()
  const gateway = testGateway({
    queue: createQueue({ maxKeys: 10_000 }),
    log: { line: () => undefined },
    handle: async () => new Response(null),
  })
  let most = 0
  let refused = 0
  for (let each = 0; each < 100_000; each++) {
    const peer = `${1 + (each >> 16)}.${(each >> 8) & 255}.${each & 255}.1`
    const response = await gateway.ask('/x', { peer })
    if (response.status !== 200) refused++
    gateway.seen.length = 0
    if (each % 1000 === 0) most = Math.max(most, gateway.queue.totals.keys)
  }
  expect(most).toBeLessThanOrEqual(10_000)
  expect(refused).toBe(0)
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  await (await gateway.ask()).text()
  expect(gateway.queue.totals.keys).toBe(1)
})
