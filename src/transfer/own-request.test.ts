import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createHasher } from '../codec/hasher.ts'
import { systemClock } from '../core/async.ts'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { attempt, defaultRetry } from '../net/attempt.ts'
import { netOf } from '../net/testing/netOf.ts'
import { AnsweringChannel } from '../protocol/channel.ts'
import { CredentialReferences } from '../protocol/credentials.ts'
import { memoryRecordStore } from '../reconstruction/record-store.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import { answerPage } from './answer-page.ts'
import { Bypass } from './page-request.ts'
import { Engine } from './engine.ts'
import { principalOf, type FileSource } from './file-source.ts'
import { OpenResponses } from './file-source.ts'
import { OwnRequest, ownFirst } from './own-request.ts'
import { RemoteSource } from './remote-source.ts'
import { serveChannel } from './serve-channel.ts'
import { MemoryStore } from './testing/MemoryStore.ts'

const origin = 'https://app.example'
const worker = `${origin}/modelferry-worker.js`
const hasher = await createHasher()
const bytes = Buffer.alloc(2_000_000, 'model')
const headers = { 'content-type': 'application/octet-stream', etag: '"1"' }

/** A server of one file, which counts its requests. */
async function serve(
  head: http.OutgoingHttpHeaders,
  body: Buffer,
  delayMs = 0,
): Promise<{ url: string; asked: () => string[] }> {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.range ?? 'whole'}`)
    setTimeout(() => response.writeHead(200, head).end(body), delayMs)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.json`,
    asked: () => asked,
  }
}

async function answer(
  source: FileSource,
  url: string,
  page: string = origin,
  { bypass = new Bypass(), init = {} }: { bypass?: Bypass; init?: RequestInit } = {},
): Promise<Response> {
  const request = new Request(url, init)
  return await answerPage(async () => source, request, {
    origin: page,
    bypass,
    plain: () => fetch(request),
    own: OwnRequest.of(request, page),
    tell: () => undefined,
  })
}

/** An engine with an empty device. */
function engine(
  channel: AnsweringChannel,
  store: MemoryStore,
  { token, differs = false }: { token?: string | undefined; differs?: boolean } = {},
): Engine {
  const network: typeof fetch = globalThis.fetch
  const net = netOf({ fetch: network, retry: { ...defaultRetry, attempts: 2 } })
  const made = new Engine({
    net,
    bareFetch: net.fetch,
    hasher,
    channel,
    store: store.asStore,
    reconstructions: new Reconstructions({ net, store: memoryRecordStore() }),
    connections: 3,
    online: async () => undefined,
    openResponses: new OpenResponses(systemClock),
    authorize: async () => undefined,
    differs: () => differs,
    principal: () => principalOf(token),
  })
  onTestFinished(() => {
    made.close()
    channel.close()
  })
  return made
}

function local(): Engine {
  return engine(new AnsweringChannel(crypto.randomUUID()), new MemoryStore(hasher))
}

/** A source in another realm, which asks a loader here. */
function remote(): FileSource {
  const store = new MemoryStore(hasher)
  const name = crypto.randomUUID()
  const [here, there] = [new AnsweringChannel(name), new AnsweringChannel(name)]
  const references = new CredentialReferences()
  const network = globalThis.fetch
  // The service worker's part: it answers the pings of its loader.
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    if (!request.url.startsWith(origin)) return await network(input, init)
    const client = { type: 'worker', url: worker }
    return (await references.answer(request, client, worker)) ?? new Response(null, { status: 204 })
  })
  const stop = serveChannel(there, engine(there, store), { scope: `${origin}/` }, () => undefined)
  onTestFinished(() => {
    vi.unstubAllGlobals()
    stop()
    here.close()
  })
  const none = async (): Promise<FileSource> => await Promise.reject(new Error('no loader'))
  return new RemoteSource(here, store.asStore, none, `${origin}/`, references)
}

const sources = {
  'the engine of this realm': local,
  'a loader in another realm': remote,
}

describe.each(Object.entries(sources))('asked by %s', (_, open) => {
  test.each<[what: string, head: http.OutgoingHttpHeaders, body: Buffer]>([
    ['may not be stored', { ...headers, 'cache-control': 'no-store' }, bytes],
    ['varies by a header', { ...headers, vary: 'Accept-Language' }, bytes],
    ['has no length', headers, bytes],
    ['is a web page', { 'content-type': 'text/html', 'content-length': 6 }, Buffer.from('<html>')],
    ['is cut JSON', { ...headers, 'content-length': 2 }, Buffer.from('{"')],
    [
      'is larger than its length, which is that of the packed bytes',
      { ...headers, 'content-encoding': 'gzip', 'content-length': gzipSync(bytes).length },
      gzipSync(bytes),
    ],
  ])('a response that %s is handed on, and requested once', async (_, head, body) => {
    const { url, asked } = await serve(head, body)
    const response = await answer(open(), url)
    const packed = 'content-encoding' in head
    expect(Buffer.from(await response.arrayBuffer()).equals(packed ? bytes : body)).toBe(true)
    expect(response.headers.get('x-modelferry')).toBeNull()
    expect(asked().filter((each) => each === 'GET whole')).toHaveLength(1)
  })

  test('a large file is stored while it is read, and requested once', async () => {
    const { url, asked } = await serve({ ...headers, 'content-length': bytes.length }, bytes)
    const response = await answer(open(), url)
    expect(response.headers.get('x-modelferry')).toBe('stream')
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
    expect(asked().filter((each) => each === 'GET whole')).toHaveLength(1)
  })

  test('a small file is stored, and requested once', async () => {
    const body = Buffer.from('{"model_type":"bert"}')
    const { url, asked } = await serve({ ...headers, 'content-length': body.length }, body)
    const source = open()
    for (const label of ['hit', 'hit']) {
      const response = await answer(source, url)
      expect(response.headers.get('x-modelferry')).toBe(label)
      expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
    }
    expect(asked().slice(0, 1)).toEqual(['GET whole'])
  })
})

describe('the next use of a file that has to be revalidated', () => {
  const small = Buffer.from('{"model_type":"bert"}')

  /** A server of a file that may change, which answers conditions; counts bytes of bodies. */
  async function revalidating(file: {
    body: Buffer
    etag: string
  }): Promise<{ url: string; sent: () => number }> {
    let sent = 0
    const server = http.createServer((request, response) => {
      const { body, etag } = file
      if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end()
      sent += body.length
      const head = { etag, 'content-length': body.length, 'accept-ranges': 'bytes' }
      return response.writeHead(200, head).end(body)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    onTestFinished(() => {
      server.close().closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}/file.json`, sent: () => sent }
  }

  async function use(source: FileSource, url: string, init: RequestInit = {}): Promise<Buffer> {
    return Buffer.from(await (await answer(source, url, origin, { init })).arrayBuffer())
  }

  test('costs no byte on the own origin, until the file is replaced', async () => {
    const file = { body: small, etag: '"1"' }
    const { url, sent } = await revalidating(file)
    const source = local()
    for (const init of [{}, {}, { cache: 'no-cache' as const }])
      expect(await use(source, url, init)).toEqual(small)
    expect(sent()).toBe(small.length)
    Object.assign(file, { body: Buffer.from('{"a":1}'), etag: '"2"' })
    expect(await use(source, url)).toEqual(file.body)
    expect(await use(source, url)).toEqual(file.body)
    expect(sent()).toBe(small.length + file.body.length)
  })

  test('costs the file on another origin', async () => {
    vi.stubGlobal('location', new URL(origin))
    onTestFinished(() => {
      vi.unstubAllGlobals()
    })
    const { url, sent } = await revalidating({ body: small, etag: '"1"' })
    const source = local()
    for (const _ of [1, 2]) expect(await use(source, url)).toEqual(small)
    expect(sent()).toBe(2 * small.length)
  })

  test.each([
    ['no byte on the own origin', undefined, 0],
    ['one byte on another origin', origin, 1],
  ])('with another signature costs %s', async (_, page, cost) => {
    if (page) vi.stubGlobal('location', new URL(page))
    onTestFinished(() => {
      vi.unstubAllGlobals()
    })
    const signed = { valid: 'AAA', sent: 0 }
    const server = http.createServer(({ url = '', headers: asked }, response) => {
      if (!url.endsWith(signed.valid)) return response.writeHead(403).end()
      if (asked['if-none-match'] === '"1"') return response.writeHead(304, { etag: '"1"' }).end()
      const [, first = 0, last = bytes.length - 1] = /(\d+)-(\d+)/.exec(asked.range ?? '') ?? []
      const body = bytes.subarray(Number(first), Number(last) + 1)
      signed.sent += body.length
      const place = { 'content-range': `bytes ${first}-${last}/${bytes.length}` }
      const head = { ...headers, 'accept-ranges': 'bytes', 'content-length': body.length }
      return response.writeHead(asked.range ? 206 : 200, { ...head, ...place }).end(body)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    onTestFinished(() => {
      server.close().closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const url = (signature: string): string =>
      `http://127.0.0.1:${port}/model.onnx?X-Amz-Signature=${signature}`
    const source = local()
    expect((await use(source, url('AAA'))).equals(bytes)).toBe(true)
    signed.valid = 'BBB'
    signed.sent = 0
    const again = await answer(source, url('BBB'))
    expect(again.headers.get('x-modelferry')).toBe('hit')
    expect(Buffer.from(await again.arrayBuffer()).equals(bytes)).toBe(true)
    expect(signed.sent).toBe(cost)
    expect((await answer(source, url('CCC'))).status).toBe(403)
  })

  test('by a reload costs one response, and has the bytes that the server sends now', async () => {
    vi.stubGlobal('location', new URL(origin))
    onTestFinished(() => {
      vi.unstubAllGlobals()
    })
    const file = { body: small, etag: '"1"' }
    const { url, sent } = await revalidating(file)
    const source = local()
    expect(await use(source, url)).toEqual(small)
    file.body = Buffer.from('{"one":"etag"}')
    expect(await use(source, url, { cache: 'reload' })).toEqual(file.body)
    expect(sent()).toBe(small.length + file.body.length)
  })

  test.each<[what: string, init: RequestInit]>([
    ['a reload', { cache: 'reload' }],
    ['a revalidation', { cache: 'no-cache' }],
    ['a reload of a range', { cache: 'reload', headers: { range: 'bytes=10-5999998' } }],
  ])('by %s is not joined from a part on the device and the rest', async (_, init) => {
    const old = Buffer.alloc(6_000_000, 'same bytes')
    const file = { body: old, sends: 4_500_000 }
    const server = http.createServer((request, response) => {
      const [, first, last] = /(\d+)-(\d+)?/.exec(request.headers.range ?? '') ?? []
      const [from, end] = [Number(first ?? 0), Number(last ?? old.length - 1) + 1]
      const place = `bytes ${from}-${end - 1}/${old.length}`
      const head = { etag: '"same"', 'accept-ranges': 'bytes', 'content-length': end - from }
      response.writeHead(first ? 206 : 200, { ...head, ...(first && { 'content-range': place }) })
      response.write(file.body.subarray(from, Math.min(end, file.sends)))
      if (file.sends > end) response.end()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    onTestFinished(() => {
      server.close().closeAllConnections()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.json`
    const source = local()
    const reader = (await answer(source, url)).body!.getReader()
    for (let seen = 0; seen < 2_000_000;) seen += (await reader.read()).value!.length
    await reader.cancel()
    file.body = Buffer.from(old)
    for (const at of [1000, 5_000_000]) file.body.fill('other', at, at + 1000)
    file.sends = Infinity
    const range = init.headers ? file.body.subarray(10, 5_999_999) : file.body
    expect((await use(source, url, init)).equals(range)).toBe(true)
  })

  test('reads a large file that was replaced from the response that showed it', async () => {
    const file = { body: bytes, etag: '"1"' }
    const { url, sent } = await revalidating(file)
    const source = local()
    expect((await use(source, url)).equals(bytes)).toBe(true)
    Object.assign(file, { body: Buffer.alloc(bytes.length, 'other'), etag: '"2"' })
    expect((await use(source, url)).equals(file.body)).toBe(true)
    expect(sent()).toBe(2 * bytes.length)
  })

  test('reads a large file that only Last-Modified shows to be replaced from that response', async () => {
    const head = { 'content-type': 'application/octet-stream', 'content-length': bytes.length }
    const dated = { ...head, 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }
    const { url, asked } = await serve(dated, bytes)
    const source = local()
    expect((await use(source, url)).equals(bytes)).toBe(true)
    dated['last-modified'] = 'Tue, 02 Jan 2024 00:00:00 GMT'
    expect((await use(source, url)).equals(bytes)).toBe(true)
    expect(asked()).toEqual(['GET whole', 'GET whole'])
  })
})

test('a reader whose load began with the credential of another one survives its end', async () => {
  const large = Buffer.alloc(6_000_000, 'same bytes')
  let sent = 0
  let ended = false
  const server = http.createServer((request, response) => {
    const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
    if (ended && request.headers.authorization === 'Bearer a') return response.writeHead(401).end()
    const place = { 'content-range': `bytes ${from}-${large.length - 1}/${large.length}` }
    const head = { ...headers, 'accept-ranges': 'bytes', 'content-length': large.length - from }
    response.writeHead(from ? 206 : 200, { ...head, ...(from && place) })
    if (++sent > 1) return response.end(large.subarray(from))
    response.write(large.subarray(0, 3_000_000))
    return setTimeout(() => {
      ended = true
      response.destroy()
    }, 200)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.json`
  const source = local()
  const read = async (token: string): Promise<Buffer> => {
    const init = { headers: { authorization: `Bearer ${token}` } }
    return Buffer.from(await (await answer(source, url, origin, { init })).arrayBuffer())
  }
  const reading = read('a')
  await vi.waitFor(() => expect(source.busy).toBe(true))
  const [first, second] = await Promise.allSettled([reading, read('b')])
  expect(first.status).toBe('rejected')
  expect(second.status === 'fulfilled' && second.value.equals(large)).toBe(true)
})

describe('on the origin of the page, where its request sends cookies', () => {
  test.each<[what: string, once: boolean, head: http.OutgoingHttpHeaders]>([
    ['of unknown length is', true, headers],
    ['that may not be stored is not', false, { ...headers, 'cache-control': 'no-store' }],
    ['that depends on cookies is not', false, { ...headers, vary: 'Cookie' }],
    ['for one user is not', false, { ...headers, 'cache-control': 'private' }],
    ['that is a web page is not', false, { 'content-type': 'text/html' }],
  ])('a response without cookies %s handed on', async (_, once, head) => {
    const { url, asked } = await serve(head, bytes)
    const source = local()
    const response = await answer(source, url, new URL(url).origin)
    expect(response.ok).toBe(true)
    await response.arrayBuffer()
    expect(asked().filter((each) => each === 'GET whole')).toHaveLength(once ? 1 : 2)
  })
})

test.each<[what: string, init: RequestInit]>([
  ['for a range', { headers: { range: 'bytes=0-9' } }],
  ['with a condition', { headers: { 'if-none-match': '"a"' } }],
  ['for headers', { method: 'HEAD' }],
  ['that must not be redirected', { redirect: 'error' }],
  ['of a script tag', { mode: 'no-cors' }],
  ['whose bytes the browser checks', { integrity: 'sha256-AAAA' }],
])('a request %s does not answer a question about the whole file', (_, init) => {
  expect(OwnRequest.of(new Request('https://cdn.example/x.onnx', init), origin)).toBeUndefined()
})

test('the hub is asked for its file info, not for the file', () => {
  const hub = new Request('https://hub.example/a/b/resolve/main/x.onnx')
  expect(OwnRequest.of(hub, origin)).toBeUndefined()
})

test('a file that may not be kept is left to the browser for three minutes', async () => {
  let now = 1
  const bypass = new Bypass(() => now)
  const { url, asked } = await serve({ ...headers, 'cache-control': 'no-store' }, bytes)
  const source = local()
  const info = vi.spyOn(source, 'info')
  const visit = async (init: RequestInit = {}): Promise<void> => {
    const response = await answer(source, url, origin, { bypass, init })
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  }
  await visit()
  await visit()
  await visit({ headers: { range: 'bytes=0-9' } })
  expect(info).toHaveBeenCalledOnce()
  now += 3 * 60_000
  await visit()
  expect(info).toHaveBeenCalledTimes(2)
  expect(asked()).toEqual(['GET whole', 'GET whole', 'GET bytes=0-9', 'GET whole'])
})

test.each([
  ['max-age', { 'cache-control': 'max-age=60' }],
  ['Last-Modified', { 'last-modified': 'Sun, 22 Nov 2026 08:00:00 GMT' }],
])('a response that the HTTP cache would hold by %s is left to it', async (_, lasting) => {
  const { url, asked } = await serve({ ...headers, vary: 'Accept-Language', ...lasting }, bytes)
  const sent = vi.spyOn(globalThis, 'fetch')
  onTestFinished(() => sent.mockRestore())
  await (await answer(local(), url)).arrayBuffer()
  expect(asked()).toHaveLength(2)
  const [request] = sent.mock.calls.at(-1) ?? []
  expect((request as Request).cache).toBe('default')
})

test('a file that cannot be told from its next version is requested once, without a question after its size', async () => {
  const { url, asked } = await serve({ 'content-type': 'application/octet-stream' }, bytes)
  await (await answer(local(), url)).arrayBuffer()
  expect(asked()).toEqual(['GET whole'])
})

test('a file whose versions nothing tells apart is left to the HTTP cache at later visits too, for days', async () => {
  const { url, asked } = await serve({ 'content-type': 'application/octet-stream' }, bytes)
  const source = local()
  const sent = vi.spyOn(globalThis, 'fetch')
  onTestFinished(() => sent.mockRestore())
  for (const _ of [1, 2, 3]) await (await answer(source, url)).arrayBuffer()
  expect(asked()).toHaveLength(3)
  const [request, init] = sent.mock.calls.at(-1) ?? []
  expect([(request as Request).cache, init]).toEqual(['default', undefined])
  await (await answer(source, url, origin, { init: { cache: 'reload' } })).arrayBuffer()
  expect(sent.mock.calls.at(-1)?.[1]?.cache).toBe('no-store')
})

test('a packed file of a server without ranges is asked for by a range at the first visit only', async () => {
  const body = gzipSync(bytes)
  const { url, asked } = await serve({ ...headers, 'content-encoding': 'gzip' }, body)
  const source = local()
  for (const _ of [1, 2]) await (await answer(source, url)).arrayBuffer()
  expect(asked()).toEqual(['GET whole', 'GET bytes=0-0', 'GET whole'])
})

test('a failure of modelferry does not leave a file to the browser', async () => {
  const { url, asked } = await serve({ ...headers, 'content-length': bytes.length }, bytes)
  const failing = { info: async () => await Promise.reject(new Error('no storage')) }
  const bypass = new Bypass()
  await (await answer(failing as unknown as FileSource, url, origin, { bypass })).arrayBuffer()
  expect(bypass.passesFile(url)).toBe(false)
  const response = await answer(local(), url)
  expect(response.headers.get('x-modelferry')).toBe('stream')
  await response.arrayBuffer()
  expect(asked()).toEqual(['GET whole', 'GET whole'])
})

test('two requests for one new file share its request', async () => {
  const { url, asked } = await serve({ ...headers, 'content-length': bytes.length }, bytes)
  const source = remote()
  const both = await Promise.all([answer(source, url), answer(source, url)])
  for (const response of both)
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  expect(asked()).toEqual(['GET whole'])
})

test('the page waits for a server that has not answered yet, and requests nothing again', async () => {
  const { url, asked } = await serve(headers, bytes, 200)
  const slow: Pick<FileSource, 'info'> = {
    info: async (_, { own }) => {
      void own?.open()
      throw new Error('too slow')
    },
  }
  const response = await answer(slow as FileSource, url)
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  expect(asked()).toEqual(['GET whole'])
})

describe('a request for which the loader', () => {
  test.each<[what: string, token: string | undefined, differs: boolean]>([
    ['has a token', 'Bearer x', false],
    ['has another address or an identity', undefined, true],
  ])('%s is not made without them', async (_, token, differs) => {
    const channel = new AnsweringChannel(crypto.randomUUID())
    const source = engine(channel, new MemoryStore(hasher), { token, differs })
    const { url, asked } = await serve({ ...headers, 'content-length': bytes.length }, bytes)
    const send = vi.spyOn(OwnRequest.prototype, 'open')
    onTestFinished(() => send.mockRestore())
    expect((await answer(source, url)).headers.get('x-modelferry')).toBe('stream')
    expect(send).not.toHaveBeenCalled()
    expect(asked()).toEqual(['GET whole'])
  })
})

describe('the end of a request', () => {
  /** A server that never ends its body. */
  function endless(): { ended: ReturnType<typeof vi.fn>; own: OwnRequest } {
    const ended = vi.fn()
    vi.stubGlobal('fetch', async (_: Request, { signal }: { signal: AbortSignal }) => {
      signal.addEventListener('abort', ended)
      return new Response(new ReadableStream({ cancel: ended }))
    })
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.unstubAllGlobals()
      vi.useRealTimers()
    })
    return { ended, own: OwnRequest.of(new Request('https://cdn.example/x.onnx'), origin)! }
  }

  test('comes when no download takes its body', async () => {
    const { ended, own } = endless()
    await own.open()
    own.drop()
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(5000)
    expect(ended).toHaveBeenCalledOnce()
  })

  test('does not come while the page or a download reads it', async () => {
    for (const method of ['take', 'body'] as const) {
      const { ended, own } = endless()
      await own.open()
      expect(await own[method]()).not.toBeNull()
      own.drop()
      await vi.advanceTimersByTimeAsync(5000)
      expect(ended).not.toHaveBeenCalled()
    }
  })

  test('comes when the download that reads it is aborted', async () => {
    const { ended, own } = endless()
    const net = netOf({ fetch: ownFirst(own, globalThis.fetch) })
    const download = new AbortController()
    const response = await attempt(net, { url: 'https://cdn.example/x.onnx' }, download)
    const reading = response.body!.getReader().read()
    await vi.advanceTimersByTimeAsync(1)
    download.abort(new Error('not needed'))
    await expect(reading).rejects.toThrow()
    await vi.waitFor(() => expect(ended).toHaveBeenCalled())
  })

  test('prevents a later question from making it', async () => {
    const { own } = endless()
    own.drop()
    expect(await own.open()).toBeUndefined()
  })
})
