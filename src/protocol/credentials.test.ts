import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  credentialHeader,
  CredentialReferences,
  lentResponse,
  resolveCredential,
} from './credentials.ts'

const worker = 'https://app.example/modelferry-worker.js'
const loader = { type: 'worker', url: worker } as const
const bearer = 'Bearer hf_secret'
const asking = (reference: string): Request =>
  new Request('https://app.example/modelferry-ping', {
    headers: { [credentialHeader]: reference },
  })

afterEach(() => void vi.unstubAllGlobals())

test('a loader gets the header of a reference while the question is pending', async () => {
  const references = new CredentialReferences()
  const request = await references.lend(bearer, async ({ credential = '' }) => {
    expect(credential).not.toContain('secret')
    const answer = await references.answer(asking(credential), loader, worker)
    expect(answer?.headers.get(credentialHeader)).toBe(bearer)
    return asking(credential)
  })
  expect(await references.answer(request, loader, worker)).toBeUndefined()
})

test.each<[what: string, client: { type: ClientTypes; url: string } | undefined, worker?: string]>([
  ['a page', { type: 'window', url: worker }],
  ['another worker', { type: 'worker', url: 'https://app.example/spy.js' }],
  ['a blob worker', { type: 'worker', url: 'blob:https://app.example/modelferry-worker.js' }],
  ['an unknown client', undefined],
])('%s that received a reference gets no header', async (_, client) => {
  const references = new CredentialReferences()
  await references.lend(bearer, async ({ credential = '' }) =>
    expect(await references.answer(asking(credential), client, worker)).toBeUndefined(),
  )
})

test('a request without a header has no reference', async () => {
  expect(await new CredentialReferences().lend(undefined, async (given) => given)).toEqual({})
})

test('a loader without an answer from the service worker fails with an error', async () => {
  for (const fetch of [
    async () => new Response('', { status: 404 }),
    () => Promise.reject(new TypeError('x')),
  ]) {
    vi.stubGlobal('fetch', fetch)
    await expect(resolveCredential('https://app.example/', 'x')).rejects.toMatchObject({
      code: 'worker',
    })
  }
})

describe('a lent response', () => {
  const scope = 'https://app.example/'
  const head = {
    status: 200,
    statusText: '',
    url: 'https://cdn.example/x.onnx?secret',
    redirected: false,
    type: 'cors',
    headers: [['content-type', 'text/plain; charset=ü']],
  } as const
  const own = {
    open: async () => head,
    body: async () => new Response('model').body,
  }

  /** Sends pings to these references, as a worker with this script. */
  function pings(references: CredentialReferences, url: string): void {
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
      const given = await references.answer(
        new Request(address, init),
        { type: 'worker', url },
        worker,
      )
      return given ?? new Response(null, { status: 204 })
    })
  }

  test('reaches a loader: first its head, then its body', async () => {
    const references = new CredentialReferences()
    pings(references, worker)
    await references.lendOwn(own, async ({ own: reference = '' }) => {
      const lent = lentResponse(scope, reference)
      expect(await lent.open()).toEqual(head)
      expect(await new Response(await lent.body()).text()).toBe('model')
    })
  })

  test('does not reach another worker', async () => {
    const references = new CredentialReferences()
    pings(references, 'https://app.example/spy.js')
    await references.lendOwn(own, async ({ own: reference = '' }) => {
      const lent = lentResponse(scope, reference)
      expect(await lent.open()).toBeUndefined()
      expect(await lent.body()).toBeNull()
    })
  })

  test('that is sent as bytes is refused when some are missing', async () => {
    const references = new CredentialReferences()
    pings(references, worker)
    const short = { ...own, body: async () => new TextEncoder().encode('model') }
    await references.lendOwn(short, async ({ own: reference = '' }) => {
      const lent = lentResponse(scope, reference)
      expect(await new Response(await lent.body()).text()).toBe('model')
      const ask = globalThis.fetch
      vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
        const answer = await ask(address, init)
        return new Response('mod', { headers: answer.headers })
      })
      expect(await lent.body()).toBeNull()
    })
  })

  test('is not taken from the server, which answers when the service worker has gone', async () => {
    vi.stubGlobal('fetch', async () => new Response('<!doctype html>'))
    expect(await lentResponse(scope, 'a').open()).toBeUndefined()
    expect(await lentResponse(scope, 'a').body()).toBeNull()
  })

  test('is forgotten 3 s after the answer', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const references = new CredentialReferences()
    pings(references, worker)
    const lent = await references.lendOwn(own, async (given) =>
      lentResponse(scope, given.own ?? ''),
    )
    expect(await lent.open()).toEqual(head)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await lent.open()).toBeUndefined()
  })
})
