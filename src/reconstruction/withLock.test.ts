import { expect, test } from 'vitest'
import { FakeClock } from '../net/testing/FakeClock.ts'
import { withLock } from './reconstructions.ts'
import type { Locks } from './reconstructions.ts'

/** Somebody else holds it for good. */
const taken: Locks = {
  request: (_, { signal }) =>
    new Promise((_, reject) => {
      const stop = (): void => reject(signal.reason)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop)
    }),
}
const free: Locks = { request: (_, __, work) => work() }
const { signal } = new AbortController()
const work = async (): Promise<string> => 'done'

test('works with a lock and without locks', async () => {
  const clock = new FakeClock(0)
  expect(await withLock({ locks: free, clock }, 'n', signal, work)).toBe('done')
  expect(await withLock({ clock }, 'n', signal, work)).toBe('done')
  expect(clock.sleeping).toBe(0)
})

test('a holder that never finishes is not waited for', async () => {
  const clock = new FakeClock(0)
  const result = withLock({ locks: taken, clock }, 'n', signal, work)
  await clock.advance(30_000)
  expect(await result).toBe('done')
})

test('who gives up while waiting does no work', async () => {
  const clock = new FakeClock(0)
  const gone = new AbortController()
  const result = withLock({ locks: taken, clock }, 'n', gone.signal, work)
  gone.abort(new Error('gone'))
  await expect(result).rejects.toThrow('gone')
  expect(clock.sleeping).toBe(0)
})

test('a failure of the work is its own, and the work is not repeated', async () => {
  const clock = new FakeClock(0)
  let runs = 0
  const fail = async (): Promise<never> => {
    runs++
    throw new Error('failed')
  }
  await expect(withLock({ locks: free, clock }, 'n', signal, fail)).rejects.toThrow('failed')
  expect(runs).toBe(1)
})
