import { expect, test, vi } from 'vitest'
import { createQueue } from './fair-queue.ts'
import type { KeyLimits } from './queue.ts'

const limits: KeyLimits = {
  intervalMs: 0,
  concurrency: 1,
  maxWaiting: 5,
  maxWaitMs: Infinity,
  weight: 1,
}
const ticket = { key: 'k', limits }

test('a caller that makes its signal when asked is not asked by who starts at once', async () => {
  const queue = createQueue()
  const leaving = new AbortController()
  const caller = vi.fn<() => AbortSignal>(() => leaving.signal)
  const slot = await queue.enter(ticket, caller)
  expect(caller).not.toHaveBeenCalled()
  const { signal } = slot
  expect(signal.aborted).toBe(false)
  leaving.abort('enough')
  expect(signal.reason).toBe('enough')
  slot.release()
})

test('who waits leaves when it gives up', async () => {
  const queue = createQueue()
  const slot = await queue.enter(ticket)
  const leaving = new AbortController()
  const waiting = queue.enter(ticket, () => leaving.signal)
  expect(queue.totals.waiting).toBe(1)
  leaving.abort('enough')
  await expect(waiting).rejects.toBe('enough')
  expect(queue.totals.waiting).toBe(0)
  slot.release()
})

test('who has given up already does not begin to wait', async () => {
  const queue = createQueue()
  const slot = await queue.enter(ticket)
  await expect(queue.enter(ticket, () => AbortSignal.abort('gone'))).rejects.toBe('gone')
  expect(queue.totals.waiting).toBe(0)
  slot.release()
  expect(queue.totals.running).toBe(0)
})
