import { expect, test, describe } from 'vitest'
import { encodeSwParameters } from '../src/platform/worker-params.ts'
import {
  askedOptions,
  installParameters,
  uncontrolledWorkers,
  pageFetch,
  uncontrolledReporter,
  type ClientView,
} from './attach.ts'
import { Bypass } from '../src/transfer/page-request.ts'
import type { Channel } from '../src/protocol/channel.ts'
import type { FerryEvent } from '../src/data/index.ts'

describe('options in the script URL', () => {
  const origin = 'https://app.example'
  const worker = `${origin}/modelferry-worker.js`
  const asked = {
    hubs: ['https://hub.example'],
    files: [`${origin}/models/*`],
    shell: [worker, `${origin}/`],
    worker,
    runtimes: false,
    xet: false,
    endpoints: { 'https://cas.example': 'https://proxy.example' },
  }

  test('the options of connect() are read', () => {
    const script = `${origin}/sw.js?${encodeSwParameters(asked)}`
    expect(installParameters(askedOptions(script), script)).toEqual({ ...asked, origin })
  })

  test('a script that connect() did not register has no options, with any parameters', () => {
    for (const query of ['', '?worker=1&hubs=2', '?shell=/', '?worker='])
      expect(askedOptions(`${origin}/sw.js${query}`)).toEqual({})
  })

  test('a loader worker of another origin is refused: its code would run in the service worker', () => {
    const foreign = encodeURIComponent('https://evil.example/worker.js')
    expect(() => askedOptions(`${origin}/sw.js?worker=${foreign}`)).toThrow('on the origin')
  })
})

describe('options of an app’s own service worker', () => {
  const script = 'https://app.example/demo/sw.js?x=1'

  test('all options have defaults', () => {
    expect(installParameters({}, script)).toEqual({
      hubs: ['https://huggingface.co'],
      files: [],
      shell: ['https://app.example/demo/modelferry-worker.js'],
      worker: 'https://app.example/demo/modelferry-worker.js',
      runtimes: true,
      origin: 'https://app.example',
    })
  })

  test('a loader worker of another origin is refused', () => {
    const worker = 'https://cdn.example/modelferry-worker.js'
    expect(() => installParameters({ worker }, script)).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })

  test('URLs become absolute, patterns are unchanged', () => {
    const options = {
      hubs: ['https://hub.example/', '/hub'],
      files: ['/models/*', 'https://cdn.example/*.onnx'],
      shell: ['/', '/assets/*'],
      navigateFallback: '/',
      worker: false,
    } as const
    const parameters = installParameters(options, script)
    expect(parameters).not.toHaveProperty('worker')
    expect(parameters).toMatchObject({
      hubs: ['https://hub.example', 'https://app.example/hub'],
      files: ['https://app.example/models/*', 'https://cdn.example/*.onnx'],
      shell: ['https://app.example/', 'https://app.example/assets/*'],
      navigateFallback: 'https://app.example/',
    })
  })
})

const worker = (id: string, url: string): ClientView => ({ id, type: 'worker', url })

describe('uncontrolled workers', () => {
  const scope = 'https://app.example/demo/'
  const page: ClientView = { id: 'page', type: 'window', url: scope }
  const blob: ClientView = { id: 'blob', type: 'worker', url: 'blob:https://app.example/1' }
  const file: ClientView = { id: 'file', type: 'worker', url: `${scope}worker.js` }

  const elsewhere: ClientView = { ...file, url: 'https://app.example/lib/worker.js' }
  const shared: ClientView = { ...blob, type: 'sharedworker' }
  const itself: ClientView = {
    id: 'sw',
    type: 'serviceworker' as ClientTypes,
    url: `${scope}sw.js`,
  }
  const stranger: ClientView = { ...page, id: 'stranger' }

  test.each<[string, ClientView[], ClientView[], ClientView[]]>([
    ['all clients are controlled', [page, blob, file], [page, blob, file], []],
    ['a blob worker started early', [page, blob, file], [page, file], [blob]],
    ['a file worker started early too', [page, blob, file], [page], [blob, file]],
    ['a worker of another scope', [page, elsewhere], [page], []],
    ['clients that are not workers of a page', [page, shared, itself], [page], []],
    ['the worker may belong to an uncontrolled page', [page, stranger, blob], [page], []],
  ])('%s', (_, all, ours, strays) => {
    expect(uncontrolledWorkers(all, ours, scope)).toEqual(strays)
  })
})

describe('reports', () => {
  const scope = 'https://app.example/'

  test('an uncontrolled worker is reported once, for all connecting pages; an ended one is not reported', async () => {
    const all = [
      worker('1', `${scope}w.js?token=secret`),
      worker('2', 'blob:x'),
      worker('3', 'blob:y'),
    ]
    const emitted: FerryEvent[] = []
    const clients = {
      matchAll: async ({ includeUncontrolled = false }) => (includeUncontrolled ? all : []),
      get: async (id: string) => (id === '3' ? undefined : all.find((one) => one.id === id)),
    }
    const host = { clients, registration: { scope } } as unknown as ServiceWorkerGlobalScope
    const look = uncontrolledReporter(host, {
      emit: (event: FerryEvent) => emitted.push(event),
    } as unknown as Channel)
    await look()
    await look()
    expect(emitted).toEqual([
      { name: 'fault', detail: expect.objectContaining({ code: 'worker', retryable: false }) },
    ])
    expect(emitted[0]?.detail).toHaveProperty('message', expect.stringContaining('(/w.js, blob:)'))
    all.push(worker('4', 'blob:z'))
    await look()
    expect(emitted).toHaveLength(2)
  })
})

describe("the page's own requests", () => {
  const url = 'https://hub.example/o/r/resolve/main/a.onnx?x=1'
  const lost = new TypeError('Failed to fetch')

  function scene(directive: string | undefined): {
    readonly ask: (init?: RequestInit, at?: string) => Promise<Response>
    readonly sent: () => number
    readonly faults: FerryEvent[]
    readonly refused: Bypass
  } {
    let sent = 0
    const faults: FerryEvent[] = []
    const host = {
      location: { pathname: '/modelferry-sw.js' },
      fetch: async () => {
        sent += 1
        throw lost
      },
    } as unknown as ServiceWorkerGlobalScope
    const refusal = async (): Promise<{ directive: string; policy: string } | undefined> =>
      directive === undefined ? undefined : { directive, policy: '' }
    const refused = new Bypass()
    const emit = (event: FerryEvent): void => void faults.push(event)
    const fetch = pageFetch(host, { emit }, { refusal, refused: new Map() }, refused)
    const ask = (init?: RequestInit, at = url): Promise<Response> => fetch(new Request(at, init))
    return { ask, sent: () => sent, faults, refused }
  }

  test("that the service worker's policy refuses are left to the browser, at once from then on, and one fault says so", async () => {
    const { ask, sent, faults } = scene('connect-src')
    const answers = [await ask(), await ask(), await ask({}, `${url}#part`)]
    for (const { status, headers } of answers)
      expect([status, headers.get('location')]).toEqual([302, `${url}#modelferry`])
    expect(sent()).toBe(1)
    expect(faults).toMatchObject([{ name: 'fault', detail: { code: 'policy' } }])
    expect(JSON.stringify(faults)).toMatch(/connect-src https:..hub.example.*own request was made/)
  })

  test('keep their own failure, and their redirect mode', async () => {
    await expect(scene(undefined).ask()).rejects.toBe(lost)
    const { ask, refused } = scene('connect-src')
    await expect(ask({ redirect: 'error' })).rejects.toThrow()
    // Then the service worker does not answer it.
    expect(refused.passesRepository(url)).toBe(true)
  })
})
