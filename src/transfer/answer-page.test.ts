import { describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../core/async.ts'
import { FerryError } from '../core/errors.ts'
import { startOrigin } from '../hub/testing/startOrigin.ts'
import type { ErrorData, FileInfo } from '../data/index.ts'
import { answerPage } from './answer-page.ts'
import { Bypass } from './page-request.ts'
import { BytesSource } from './testing/BytesSource.ts'

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
  const options = { origin, bypass, plain, tell, firstByteMs: 20 }
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

test.each([
  ['a file that is fetched', false, ['open', 'info', 'device', 'demand', 'first-bytes']],
  ['a file that is on the device', true, ['open', 'info', 'device']],
])(
  '%s: the response says how long each step took, and nothing else',
  async (_, onDevice, steps) => {
    const source = sourceOf()
    if (onDevice) source.stored = async () => new Blob([bytes])
    const request = {
      url: `${source.known.url}?token=s3cret`,
      method: 'GET',
      headers: new Headers(),
    }
    const plain = async (): Promise<Response> => new Response('plain')
    const options = { origin, bypass: new Bypass(), plain, tell: () => undefined }
    const { headers } = await answerPage(async () => source, request, options)
    const timing = headers.get('server-timing')?.split(',') ?? []
    expect(timing.map((entry) => entry.replace(/;dur=\d+\.\d$/, ''))).toEqual(steps)
  },
)

describe('before headers are sent', () => {
  test.each([
    ['a refusal of the token host', new FerryError('forbidden', 'No.', { status: 403 })],
    ['an unreachable host', new FerryError('network', 'No.', { url: 'https://cas.example/' })],
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
    expect(faults).toMatchObject([{ code: error.code, url: source.known.url }])
    expect(faults[0]?.message).toContain(error.message)
    expect(faults[0]?.message).toContain("page's own request was made instead")
  })

  test('a transfer without a byte in time does so too, and its demand ends', async () => {
    const source = new BlockedSource(bytes)
    const { text, faults } = await askPage(source)
    expect(text).toBe('plain')
    expect(faults).toMatchObject([{ code: 'timeout' }])
    expect(faults[0]?.message).toContain(new URL(source.known.url).host)
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

describe('a host that accepts connections and never answers', () => {
  /** Time passes twenty times as fast. */
  const fast: Clock = {
    now: () => Date.now(),
    sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
  }

  test.each(
    (['token', 'reconstruction', 'xorb'] as const).flatMap((kind) => [
      [kind, 'the whole file', {}],
      [kind, 'a range', { range: 'bytes=1000-2000' }],
    ]),
  )('of the %s, for %s: after two seconds the own request is made', async (kind, _, asked) => {
    const place = await startOrigin(fast)
    place.hub.hub.faults.add({ kind, times: Infinity, action: { do: 'delay', ms: 20_000 } })
    const engine = place.engine()
    const faults: ErrorData[] = []
    const headers = new Headers(asked)
    const start = Date.now()
    const response = await answerPage(
      async () => engine,
      { url: place.url, method: 'GET', headers },
      {
        origin,
        bypass: new Bypass(),
        plain: async () => new Response('plain'),
        tell: (fault) => void faults.push(fault),
      },
    )
    expect(await response.text()).toBe('plain')
    expect(Date.now() - start).toBeLessThan(1500)
    expect(faults).toMatchObject([{ code: 'timeout', errorCode: 'NoAnswer' }])
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
    expect(bypass.addRepository('https://hub.example/a/b/resolve/main/x.onnx')).toBe(true)
    expect(bypass.addRepository('https://hub.example/a/b/resolve/v2/y.onnx?download=1')).toBe(false)
    expect(bypass.passesRepository('https://hub.example/a/b/resolve/main/onnx/z.onnx')).toBe(true)
    expect(bypass.passesRepository('https://hub.example/a/c/resolve/main/x.onnx')).toBe(false)
    bypass.addRepository('https://cdn.example/models/x.bin')
    expect(bypass.passesRepository('https://cdn.example/models/y.bin')).toBe(true)
    expect(bypass.passesRepository('https://cdn.example/other/y.bin')).toBe(false)
  })
})

describe('a file that its server replaced by a page a moment ago', () => {
  const url = 'https://files.example/model.bin'
  const bypass = (): Bypass => {
    const passing = new Bypass()
    passing.addFile(url, 'a web page came in its place')
    return passing
  }
  const failed = async (): Promise<Response> => {
    throw new TypeError('Failed to fetch')
  }

  test.each([
    ['cannot be reached', failed],
    ['fails', async () => new Response('down', { status: 503 })],
  ])('comes from the device when the server %s', async (_, plain) => {
    const source = sourceOf({ url })
    source.complete = true
    const { label, status } = await askPage(source, {}, { plain, bypass: bypass() })
    expect([label, status]).toEqual(['hit', 200])
  })

  test('comes from the server when it answers', async () => {
    const source = sourceOf({ url })
    source.complete = true
    expect(await askPage(source, {}, { bypass: bypass() })).toMatchObject({ text: 'plain' })
  })

  test('fails like the own request of the page when nothing is on the device', async () => {
    const source = sourceOf({ url })
    source.info = failed as never
    const asked = askPage(source, {}, { plain: failed, bypass: bypass() })
    await expect(asked).rejects.toThrow('Failed to fetch')
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

  test('its page to sign in, after a redirect, is what the page gets', async () => {
    const source = sourceOf({ url })
    source.refusal = { status: 404, statusText: '', headers: [], body: new Uint8Array() }
    const page = new Response('Sign in', { headers: { 'content-type': 'text/html' } })
    Object.defineProperty(page, 'redirected', { value: true })
    const asked = askPage(source, {}, { plain: async () => page })
    expect(await asked).toMatchObject({ status: 200, text: 'Sign in' })
  })

  test('gets the own request of the page when its response depends on the user', async () => {
    const source = sourceOf({ url, personal: true })
    source.complete = true
    expect(await askPage(source)).toMatchObject({ text: 'plain' })
    expect(await askPage(source, { credentials: 'omit' })).toMatchObject({ label: 'hit' })
  })
})

describe('a hub that refuses the token of the app', () => {
  const refused = sourceOf()
  refused.refusal = {
    status: 401,
    statusText: 'Unauthorized',
    headers: [],
    body: new TextEncoder().encode('bad token'),
  }

  test('gives a public file to the own request of the page, which has no token', async () => {
    expect(await askPage(refused)).toMatchObject({ text: 'plain', status: 200, label: null })
  })

  test('gives its refusal where it refuses that too, and to a request with its own token', async () => {
    const plain = async (): Promise<Response> => new Response('who?', { status: 401 })
    expect(await askPage(refused, {}, { plain })).toMatchObject({ text: 'bad token', status: 401 })
    const headers = { authorization: 'Bearer own' }
    expect(await askPage(refused, { headers })).toMatchObject({ text: 'bad token', status: 401 })
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

  test.each([
    ['is answered by the file that came for it', 'sha256:', 0, 'hit'],
    ['fetches a file again that came before', 'sha256:', -60_000, null],
    ['fetches a file again that came before the clock was set back', 'sha256:', 60_000, null],
    ['fetches a file again whose bytes did not come with its info', 'etag:', 0, null],
  ])('a reload %s', async (_, kind, age, label) => {
    const source = sourceOf({ url: 'https://cdn.example/x.bin', content: `${kind}ab` })
    source.info = async () => ({ info: { ...source.known, fetchedAt: Date.now() + age } })
    source.complete = true
    expect(await askPage(source, { cache: 'reload' })).toMatchObject({ label })
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
