import { expect, test, describe } from 'vitest'
import { sleep } from '../core/async.ts'
import { Prefetch, PrefetchProgress } from './prefetch.ts'
import type { LoadState } from '../data/index.ts'

/** A loader whose loads last until the test ends them. */
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

describe('Prefetch', () => {
  test('files are loaded one after the other', async () => {
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

  test('a pause aborts the request, and resuming starts the same file again', async () => {
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

  test('an immediately resumed pause loses nothing', async () => {
    const { begun, finish, load } = loads()
    const prefetch = new Prefetch(['a'], load, undefined)
    prefetch.pause()
    prefetch.resume()
    await sleep(5)
    finish()
    await prefetch
    expect(new Set(begun)).toEqual(new Set(['a']))
  })

  test('a failure ends the whole prefetch, also for later listeners', async () => {
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
})

describe('progress of a prefetch', () => {
  const url = 'https://hub.example/x'
  const running: LoadState = {
    url,
    content: 'c',
    size: 10,
    phase: 'running',
    held: 4,
    committed: [{ start: 0, end: 4 }],
    releasable: [],
    inFlight: [{ start: 4, end: 10 }],
    fetched: 6,
    reused: 0,
    bytesPerSecond: 7,
  }
  const loaded = { url, content: 'c', size: 10 }

  function listen(): { progress: PrefetchProgress; states: LoadState[] } {
    const states: LoadState[] = []
    return {
      progress: new PrefetchProgress([`${url}#part`], (state) => states.push(state)),
      states,
    }
  }

  test('a finished file is reported as complete once, even when its events are late', () => {
    const { progress, states } = listen()
    progress.heard(running)
    progress.complete(loaded)
    progress.heard({ ...running, phase: 'complete', held: 10 })
    expect(states).toEqual([
      running,
      expect.objectContaining({ phase: 'complete', held: 10, inFlight: [], fetched: 6 }),
    ])
  })

  test('a file that was stored before is reported as complete', () => {
    const { progress, states } = listen()
    progress.complete(loaded)
    expect(states).toMatchObject([{ url, phase: 'complete', held: 10, size: 10, fetched: 0 }])
  })

  test('a file without metadata reports what it waits for', () => {
    const { progress, states } = listen()
    const reason = { code: 'http', message: 'Busy.', retryable: true, status: 429 } as const
    const waiting = { origin: 'https://hub.example', until: 9_000, reason }
    progress.waits({ ...waiting, url, delayMs: 2_000 })
    progress.waits({ ...waiting, url: 'https://hub.example/y', delayMs: 2_000 })
    expect(states).toMatchObject([{ url, phase: 'waiting', waiting, content: '', size: 0 }])
    progress.heard(running)
    // From here on the load itself reports its state.
    progress.waits({ ...waiting, url, delayMs: 2_000 })
    expect(states).toHaveLength(2)
    progress.heard({ ...running, phase: 'waiting', waiting })
    progress.complete(loaded)
    expect(states.map(({ phase }) => phase)).toEqual(['waiting', 'running', 'waiting', 'complete'])
    expect(states.at(-1)).not.toHaveProperty('waiting')
  })

  test('a file whose events name no secret is reported by the URL that was given', () => {
    const states: LoadState[] = []
    const signed = `${url}?v=1&X-Amz-Signature=s`
    const progress = new PrefetchProgress([signed], (state) => states.push(state))
    progress.heard({ ...running, url: `${url}?v=1` })
    progress.complete({ ...loaded, url: `${url}?v=1` })
    expect(states).toMatchObject([
      { url: signed, phase: 'running', held: 4 },
      { url: signed, phase: 'complete', fetched: 6 },
    ])
  })

  test('other files are not reported', () => {
    const { progress, states } = listen()
    progress.heard({ ...running, url: 'https://hub.example/y' })
    expect(states).toEqual([])
  })
})

test('a failure is heard by catch, and the end by finally, as of a promise', async () => {
  const { fail, load } = loads()
  const prefetch = new Prefetch(['a', 'b'], load, undefined)
  const caught = prefetch.catch((error: unknown) => String(error))
  let ended = false
  const over = prefetch.finally(() => (ended = true)).catch(() => undefined)
  await tick()
  fail(new Error('No.'))
  expect(await caught).toBe('Error: No.')
  await over
  expect(ended).toBe(true)
})
