import { expect, test } from 'vitest'
import { sleep } from '../core/async.ts'
import { Prefetch } from './prefetch.ts'

/** A loader whose loads last until they are told to end. */
function loads(): {
  readonly begun: string[]
  readonly finish: () => void
  readonly fail: (error: Error) => void
  readonly load: (url: string, signal: AbortSignal) => Promise<void>
} {
  const begun: string[] = []
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined
  return {
    begun,
    finish: () => settle?.resolve(),
    fail: (error) => settle?.reject(error),
    load: (url, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        begun.push(url)
        settle = { resolve, reject }
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  }
}

const tick = (): Promise<void> => sleep(0)

test('files come one after the other', async () => {
  const { begun, finish, load } = loads()
  const prefetch = new Prefetch(['a', 'b'], load, undefined)
  await tick()
  expect(begun).toEqual(['a'])
  finish()
  await tick()
  expect(begun).toEqual(['a', 'b'])
  finish()
  await prefetch
})

test('a pause ends the request, and resuming begins the same file again', async () => {
  const { begun, finish, load } = loads()
  const prefetch = new Prefetch(['a', 'b'], load, undefined)
  await tick()
  prefetch.pause()
  prefetch.pause()
  await sleep(5)
  expect(begun).toEqual(['a'])
  prefetch.resume()
  prefetch.resume()
  await tick()
  expect(begun).toEqual(['a', 'a'])
  finish()
  await tick()
  finish()
  await prefetch
  expect(begun).toEqual(['a', 'a', 'b'])
})

test('a pause that is over at once loses nothing', async () => {
  const { begun, finish, load } = loads()
  const prefetch = new Prefetch(['a'], load, undefined)
  prefetch.pause()
  prefetch.resume()
  await sleep(5)
  finish()
  await prefetch
  expect(new Set(begun)).toEqual(new Set(['a']))
})

test('a failure ends all of it, also for one who looks later', async () => {
  const { begun, fail, load } = loads()
  const prefetch = new Prefetch(['a', 'b'], load, undefined)
  await tick()
  fail(new Error('not found'))
  await tick()
  await expect(prefetch).rejects.toThrow('not found')
  expect(begun).toEqual(['a'])
})

test.each([
  ['under way', false],
  ['paused', true],
])('an abort ends it while it is %s', async (_, paused) => {
  const { load } = loads()
  const abort = new AbortController()
  const prefetch = new Prefetch(['a'], load, abort.signal)
  await tick()
  if (paused) prefetch.pause()
  await tick()
  abort.abort(new Error('enough'))
  await expect(prefetch).rejects.toThrow('enough')
})
