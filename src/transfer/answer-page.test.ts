import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { systemClock } from '../core/async.ts'
import { FerryError } from '../core/errors.ts'
import { defaultRetry } from '../net/attempt.ts'
import { netOf } from '../net/testing/netOf.ts'
import { AnsweringChannel } from '../protocol/channel.ts'
import type { ErrorData, FileInfo } from '../protocol/files.ts'
import { memoryRecordStore } from '../reconstruction/record-store.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import { answerPage } from './answer-page.ts'
import { Engine } from './engine.ts'
import { OpenResponses, principalOf } from './file-source.ts'
import { Bypass } from './page-request.ts'
import { BytesSource } from './testing/BytesSource.ts'
import { MemoryStore } from './testing/MemoryStore.ts'

const bytes = new Uint8Array(100).map((_, at) => at)
const origin = 'https://app.example'

/** A request of a page whose own request would get the response "plain". */
async function askPage(
  source: BytesSource,
  init: RequestInit = {},
  page: { readonly plain?: () => Promise<Response>; readonly bypass?: Bypass } = {},
): Promise<{ text: string; label: string | null; status: number; faults: ErrorData[] }> {
  const { method = 'GET', headers, ...modes } = init
  const faults: ErrorData[] = []
  const { plain = async () => new Response('plain'), bypass = new Bypass() } = page
  const request = { url: source.known.url, method, headers: new Headers(headers), ...modes }
  const tell = (fault: ErrorData): void => void faults.push(fault)
  const options = { origin, bypass, plain, tell, wayMs: 20 }
  const response = await answerPage(async () => source, request, options)
  const { status } = response
  const label = response.headers.get('x-modelferry')
  return { text: await response.text(), label, status, faults }
}

function sourceOf(info: Partial<FileInfo> = {}): BytesSource {
  return new BytesSource(bytes, info)
}

/** A source whose bytes never arrive. */
class BlockedSource extends BytesSource {
  override async demand(
    ...ask: Parameters<BytesSource['demand']>
  ): ReturnType<BytesSource['demand']> {
    const demand = await super.demand(...ask)
    return { ...demand, begun: async () => false }
  }
}

describe('before headers are sent', () => {
  test.each([
    ['a refusal of the token host', new FerryError('forbidden', 'No.', { status: 403 })],
    ['an unreachable host', new FerryError('network', 'No answer.')],
    ['a malformed reconstruction', new FerryError('protocol', 'No JSON.')],
    ['a policy that names only the hub', new FerryError('policy', 'connect-src')],
    ['a file that cannot be kept', new FerryError('unsupported', 'No length.')],
  ])('%s leads to the own request of the page', async (_, error) => {
    const source = sourceOf()
    source.demand = async () => {
      throw error
    }
    const { text, label, faults } = await askPage(source)
    expect([text, label]).toEqual(['plain', null])
    expect(faults).toMatchObject([{ code: error.code }])
    expect(faults[0]?.message).toContain(error.message)
    expect(faults[0]?.message).toContain("page's own request was made instead")
  })

  test('a transfer without a byte in time does so too, and its demand ends', async () => {
    const source = new BlockedSource(bytes)
    const { text, faults } = await askPage(source)
    expect(text).toBe('plain')
    expect(faults).toMatchObject([{ code: 'timeout' }])
    expect(source.open).toBe(0)
  })

  test('the page gets the error of its own request', async () => {
    const plain = async (): Promise<Response> => {
      throw new TypeError('Failed to fetch')
    }
    await expect(askPage(new BlockedSource(bytes), {}, { plain })).rejects.toThrow(
      'Failed to fetch',
    )
  })
})

describe('a repository that had to be passed through', () => {
  test('is passed through for three minutes, and is reported once', async () => {
    let now = 0
    const bypass = new Bypass(() => now)
    const blocked = new BlockedSource(bytes)
    expect((await askPage(blocked, {}, { bypass })).faults).toHaveLength(1)
    const works = sourceOf()
    expect(await askPage(works, {}, { bypass })).toMatchObject({ text: 'plain', faults: [] })
    works.complete = true
    expect(await askPage(works, {}, { bypass })).toMatchObject({ label: 'hit' })
    works.complete = false
    now += 3 * 60_000 + 1
    expect(await askPage(works, {}, { bypass })).toMatchObject({ label: 'stream' })
  })

  test('is tried again at once when the own request of the page failed too', async () => {
    const bypass = new Bypass()
    const plain = async (): Promise<Response> => new Response(null, { status: 502 })
    await askPage(new BlockedSource(bytes), {}, { bypass, plain })
    expect(await askPage(sourceOf(), {}, { bypass })).toMatchObject({ label: 'stream' })
  })

  test('does not affect other repositories', () => {
    const bypass = new Bypass()
    expect(bypass.note('https://hub.example/a/b/resolve/main/x.onnx')).toBe(true)
    expect(bypass.note('https://hub.example/a/b/resolve/v2/y.onnx?download=1')).toBe(false)
    expect(bypass.has('https://hub.example/a/b/resolve/main/onnx/z.onnx')).toBe(true)
    expect(bypass.has('https://hub.example/a/c/resolve/main/x.onnx')).toBe(false)
    bypass.note('https://cdn.example/models/x.bin')
    expect(bypass.has('https://cdn.example/models/y.bin')).toBe(true)
    expect(bypass.has('https://cdn.example/other/y.bin')).toBe(false)
  })
})

describe('a server that uses cookies', () => {
  const url = `${origin}/models/model.onnx`

  test.each([401, 403, 404])(
    'that refuses anonymous requests with %i gets the own request of the page',
    async (status) => {
      const source = sourceOf({ url })
      source.refusal = { status, statusText: '', headers: [], body: new Uint8Array() }
      expect(await askPage(source)).toMatchObject({ text: 'plain' })
      expect(await askPage(source, { credentials: 'omit' })).toMatchObject({ status })
      const plain = async (): Promise<Response> => {
        throw new TypeError('Failed to fetch')
      }
      expect(await askPage(source, {}, { plain })).toMatchObject({ status })
    },
  )

  test('of another origin: a stored refusal is not returned to other requests offline', async () => {
    const source = sourceOf()
    source.refusal = { status: 404, statusText: '', headers: [], body: new Uint8Array() }
    const plain = async (): Promise<Response> => {
      throw new TypeError('Failed to fetch')
    }
    const asked = askPage(source, { credentials: 'include' }, { plain })
    await expect(asked).rejects.toThrow('Failed to fetch')
  })

  test("an app's start page is not mistaken for a missing model", async () => {
    const source = sourceOf({ url })
    source.refusal = { status: 404, statusText: '', headers: [], body: new Uint8Array() }
    const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
    expect(await askPage(source, {}, { plain: async () => page })).toMatchObject({ status: 404 })
  })

  test('gets the own request of the page when its response depends on the user', async () => {
    const source = sourceOf({ url, personal: true })
    source.complete = true
    expect(await askPage(source)).toMatchObject({ text: 'plain' })
    expect(await askPage(source, { credentials: 'omit' })).toMatchObject({ label: 'hit' })
  })
})

describe('cache modes', () => {
  test('a reload fetches only unverified bytes again', async () => {
    const url = 'https://cdn.example/x.bin'
    const source = sourceOf({ url })
    source.complete = true
    expect(await askPage(source, { cache: 'reload' })).toMatchObject({ text: 'plain' })
    const proven = sourceOf({ url, xetHash: 'ab' })
    proven.complete = true
    expect(await askPage(proven, { cache: 'reload' })).toMatchObject({ label: 'hit' })
  })
})

test('a wrong size from a hub is corrected by stored bytes with a known hash', async () => {
  const source = sourceOf({ xetHash: 'ab', size: 7 })
  source.complete = true
  expect(await askPage(source)).toMatchObject({
    label: 'hit',
    text: new TextDecoder().decode(bytes),
  })
})

describe('a file of a plain server', () => {
  const file = Buffer.alloc(2_000_000, 'model')
  const kept = { etag: '"1"', 'accept-ranges': 'bytes', 'content-length': file.length }

  /** A server of one file, and an engine with an empty device. */
  async function open(
    head: http.OutgoingHttpHeaders,
    body: Buffer = file,
  ): Promise<{ url: string; asked: string[]; engine: Engine }> {
    const asked: string[] = []
    const server = http.createServer(({ method, headers: { range = 'whole' } }, response) => {
      asked.push(`${method} ${range}`)
      response.writeHead(200, head).end(body)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const hasher = await createHasher()
    const network: typeof fetch = (url, init) => fetch(url, init)
    const net = netOf({ fetch: network, retry: { ...defaultRetry, attempts: 2 } })
    const channel = new AnsweringChannel(crypto.randomUUID())
    const engine = new Engine({
      net,
      bareFetch: net.fetch,
      hasher,
      channel,
      store: new MemoryStore(hasher).asStore,
      reconstructions: new Reconstructions({ net, store: memoryRecordStore() }),
      connections: 3,
      online: async () => undefined,
      openResponses: new OpenResponses(systemClock),
      authorize: async () => undefined,
      principal: () => principalOf(undefined),
    })
    onTestFinished(() => {
      engine.close()
      channel.close()
      server.close().closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}/file.json`, asked, engine }
  }

  async function load(
    engine: Engine,
    url: string,
    init: RequestInit = {},
    bypass: Bypass = new Bypass(),
  ): Promise<string | null> {
    const request = new Request(url, init)
    const response = await answerPage(async () => engine, request, {
      origin,
      bypass,
      plain: () => fetch(request),
      tell: () => undefined,
    })
    await response.arrayBuffer()
    return response.headers.get('x-modelferry')
  }

  test.each<[what: string, head: http.OutgoingHttpHeaders]>([
    ['may not be stored', { ...kept, 'cache-control': 'no-store' }],
    ['varies by a header', { ...kept, vary: 'Accept-Language', 'cache-control': 'max-age=60' }],
    ['has neither length nor validator', {}],
    ['is a web page', { ...kept, 'content-type': 'text/html' }],
  ])('that %s is sent once, for any request', async (_, head) => {
    for (const range of ['whole', 'bytes=5-9']) {
      const { url, asked, engine } = await open(head)
      const init = range === 'whole' ? {} : { headers: { range } }
      expect(await load(engine, url, init)).toBeNull()
      expect(asked).toEqual(['HEAD whole', `GET ${range}`])
    }
  })

  test('that may be stored is sent once', async () => {
    const { url, asked, engine } = await open(kept)
    expect(await load(engine, url)).toBe('stream')
    expect(await load(engine, url)).toBe('hit')
    expect(asked).toEqual(['HEAD whole', 'GET whole', 'HEAD whole'])
  })

  test('that is small is sent once, and again only for a reload', async () => {
    const body = Buffer.from('{"model_type":"bert"}')
    const { url, asked, engine } = await open({ ...kept, 'content-length': body.length }, body)
    for (const cache of ['default', 'no-cache', 'reload'] as const)
      expect(await load(engine, url, { cache })).toBe('hit')
    const wholes = asked.filter((each) => each === 'GET whole')
    expect([asked.length, wholes.length]).toEqual([5, 2])
  })

  test('that may not be kept is left to the browser for three minutes', async () => {
    let now = 1
    const bypass = new Bypass(() => now)
    const { url, engine } = await open({ ...kept, 'cache-control': 'no-store' })
    const info = vi.spyOn(engine, 'info')
    await load(engine, url, {}, bypass)
    await load(engine, url, { headers: { range: 'bytes=0-9' } }, bypass)
    expect(info).toHaveBeenCalledOnce()
    now += 3 * 60_000
    await load(engine, url, {}, bypass)
    expect(info).toHaveBeenCalledTimes(2)
  })

  test('is not left to the browser after a failure of modelferry', async () => {
    const { url, engine } = await open(kept)
    const bypass = new Bypass()
    vi.spyOn(engine, 'info').mockRejectedValueOnce(new Error('no storage'))
    await load(engine, url, {}, bypass)
    expect(bypass.skips(url)).toBe(false)
  })
})
