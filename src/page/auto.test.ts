import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { autoOptions, holdFetches } from './auto.ts'

const page = 'https://app.example/demo/'
const script = 'https://app.example/lib/modelferry.js'

test.each<[what: string, data: Record<string, string>, script: string, options: unknown]>([
  [
    'nothing',
    { auto: '' },
    script,
    { serviceWorker: 'https://app.example/lib/modelferry-sw.js', runtimes: true },
  ],
  ['a script of a CDN', { auto: '' }, 'https://cdn.example/modelferry.js', { runtimes: true }],
  ['a script within the page', { auto: '' }, '', { runtimes: true }],
  [
    'everything',
    {
      auto: '',
      serviceWorker: '/sw.js',
      scope: '/demo/',
      worker: '/w.js',
      hubs: ' https://hub.example\n/hub ',
      files: '/models/*',
      shell: '',
      navigateFallback: '/',
      runtimes: 'false',
      app: 'my-app',
      options: '{ "timeoutMs": 5, "retry": { "attempts": 2 } }',
    },
    script,
    {
      serviceWorker: '/sw.js',
      scope: '/demo/',
      worker: '/w.js',
      hubs: ['https://hub.example', '/hub'],
      files: ['/models/*'],
      shell: [],
      navigateFallback: '/',
      runtimes: false,
      timeoutMs: 5,
      retry: { attempts: 2 },
      frontend: { app: 'my-app', origins: ['https://hub.example', 'https://app.example'] },
    },
  ],
])('%s', (_, data, from, options) => {
  expect(autoOptions(data, from, page)).toEqual(options)
})

test('options that are not JSON are refused with a clear error', () => {
  expect(() => autoOptions({ options: '{ timeoutMs: 5 }' }, script, page)).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringMatching(/data-options.*JSON/),
    }),
  )
})

describe('fetches before the connection', () => {
  const model = 'https://hub.example/model.onnx'

  /** Delays fetches of `model` until `connect` is called. */
  function hold(): { readonly connect: () => Promise<void>; readonly missed: () => boolean } {
    vi.useFakeTimers()
    vi.stubGlobal('document', { baseURI: page })
    vi.stubGlobal('fetch', async () => new Response())
    onTestFinished(() => {
      vi.unstubAllGlobals()
      vi.useRealTimers()
    })
    let resolve = (): void => undefined
    const ready = new Promise<void>((done) => {
      resolve = done
    })
    const missed = holdFetches((url) => url === model, ready)
    return {
      missed,
      connect: async () => {
        resolve()
        await vi.advanceTimersByTimeAsync(0)
      },
    }
  }

  test('one that waited for three seconds goes on and is missed', async () => {
    const { missed } = hold()
    const fetched = fetch(model)
    await vi.advanceTimersByTimeAsync(2999)
    expect(missed()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await fetched
    expect(missed()).toBe(true)
  })

  test('one that comes later goes on at once and is missed, but none after the connection', async () => {
    const { connect, missed } = hold()
    await vi.advanceTimersByTimeAsync(3500)
    expect(missed()).toBe(false)
    await fetch(page)
    expect(missed()).toBe(false)
    await fetch(model)
    expect(missed()).toBe(true)
    await connect()
  })

  test.each([100, 5000])('nothing is missed without a fetch, after %i ms', async (ms) => {
    const { connect, missed } = hold()
    const held = globalThis.fetch
    await vi.advanceTimersByTimeAsync(ms)
    await connect()
    await held(model)
    expect(missed()).toBe(false)
    expect(globalThis.fetch).not.toBe(held)
  })

  test('one that the connection releases in time is not missed', async () => {
    const { connect, missed } = hold()
    const fetched = fetch(model)
    await vi.advanceTimersByTimeAsync(1000)
    await connect()
    await fetched
    expect(missed()).toBe(false)
  })
})
