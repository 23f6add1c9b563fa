import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { attempt, defaultRetry } from './attempt.ts'
import { httpError } from './errors.ts'
import { FakeClock } from './testing/FakeClock.ts'
import { netOf } from './testing/netOf.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const retry = { ...defaultRetry, firstByteMs: 1_000, stallMs: 1_000 }
const net = netOf({ fetch: (url, init) => fetch(url, init), retry })

test('returns status, headers, URL and bytes, and leaves no timer', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-4/9' }).end('hello')
  })
  const clock = new FakeClock(0)
  const response = await attempt(netOf({ ...net, clock }), { url: `${origin}/f?a=1` })
  expect(response.status).toBe(206)
  expect(response.headers.get('content-range')).toBe('bytes 0-4/9')
  expect(response.url).toBe(`${origin}/f?a=1`)
  expect(await response.text()).toBe('hello')
  expect(clock.sleeping).toBe(0)
})

test('parts that share a buffer are right until the next one is read; other bodies have parts of their own', async () => {
  const sent = new Uint8Array(3_000_000).map((_, at) => (at >> 8) ^ at)
  const url = await serve((_, response) => response.end(sent))
  for (const reuse of [true, false]) {
    const { body } = await attempt(net, { url, reuse })
    const received: Uint8Array[] = []
    const parts: Uint8Array[] = []
    for await (const part of body as ReadableStream<Uint8Array<ArrayBuffer>>) {
      received.push(part.slice())
      parts.push(part)
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true)
    // Memory that was used again has been detached.
    expect(parts.filter(({ length }) => length > 0).length > 1).toBe(!reuse)
  }
})

test('sends no credentials or referrer, and marks the request as its own', async () => {
  const seen: [string, RequestInit | undefined][] = []
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    seen.push([url, init])
    return new Response(null, { status: 204 })
  }
  await attempt(netOf({ fetch }), { url: 'https://a.example/f?S=%2b+x#top' })
  const [url, init] = seen[0] ?? []
  expect(url).toBe('https://a.example/f?S=%2b+x#modelferry')
  expect(init).toMatchObject({
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  })
})

test('behind another endpoint, request, errors and refusals name the host that was asked', async () => {
  const endpoint = (url: string): string =>
    url.replace('https://cas.example', 'https://proxy.example/cas')
  const seen: string[] = []
  const fetch = async (url: string): Promise<Response> => {
    seen.push(url)
    throw new TypeError('Failed to fetch')
  }
  const url = 'https://cas.example/x?sig=1'
  const lost = await attempt(netOf({ fetch, endpoint }), { url }).catch((error: unknown) => error)
  expect(seen).toEqual(['https://proxy.example/cas/x?sig=1#modelferry'])
  expect(lost).toMatchObject({ code: 'network', url: 'https://proxy.example/cas/x' })
  expect(String(lost)).toContain('No answer from proxy.example')
  const refused = Object.defineProperty(new Response('', { status: 404 }), 'url', {
    value: 'https://proxy.example/cas/x?sig=1',
  })
  expect(String(await httpError('The token', refused, url))).toContain('proxy.example answered 404')
})

test('missing headers time out, even if fetch ignores its signal', async () => {
  const clock = new FakeClock(0)
  const signals: (AbortSignal | null | undefined)[] = []
  const never = (_: string, init?: RequestInit): Promise<Response> => {
    signals.push(init?.signal)
    return new Promise(() => {})
  }
  const answer = attempt(netOf({ fetch: never, clock, retry }), { url: 'https://a.example/f?S=1' })
  const failed = expect(answer).rejects.toMatchObject({
    code: 'timeout',
    retryable: true,
    url: 'https://a.example/f',
  })
  await clock.advance(999)
  expect(signals[0]?.aborted).toBe(false)
  await clock.advance(1)
  await failed
  expect(signals[0]?.aborted).toBe(true)
})

test('one request may be given more time than others', async () => {
  const clock = new FakeClock(0)
  const silent = netOf({ fetch: () => new Promise(() => undefined), clock, retry })
  const answer = attempt(silent, {
    url: 'https://a.example/f',
    firstByteMs: 6000,
  })
  const late = expect(answer).rejects.toMatchObject({ code: 'timeout' })
  await clock.advance(5999)
  expect(clock.sleeping).toBe(1)
  await clock.advance(1)
  await late
})

test('a stalled body errors and ends the request; a slow reader does not count as a stall', async () => {
  const closed = vi.fn()
  const origin = await serve((_, response) => {
    response.on('close', closed)
    response.writeHead(200, { 'content-length': '100' }).write('some')
  })
  const clock = new FakeClock(0)
  const response = await attempt(netOf({ ...net, clock }), { url: origin })
  await clock.advance(60_000)
  const reader = response.body?.getReader()
  expect((await reader?.read())?.value).toHaveLength(4)
  await clock.advance(60_000)
  const stalled = expect(reader?.read()).rejects.toMatchObject({ code: 'timeout', retryable: true })
  await clock.advance(1_000)
  await stalled
  await vi.waitFor(() => expect(closed).toHaveBeenCalled())
})

test('a stall after some bytes is detected', async () => {
  let send: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (send = controller) })
  const clock = new FakeClock(0)
  const { body: watched } = await attempt(
    netOf({ fetch: async () => new Response(body), clock, retry }),
    { url: 'https://a.example/f' },
  )
  const reader = watched?.getReader()
  const first = reader?.read()
  await clock.advance(900)
  send?.enqueue(new Uint8Array(3))
  expect((await first)?.value).toHaveLength(3)
  const stalled = vi.fn()
  const second = reader?.read().catch(stalled)
  await clock.advance(0)
  await clock.advance(999)
  expect(stalled).not.toHaveBeenCalled()
  await clock.advance(1)
  await second
  expect(stalled.mock.calls[0]?.[0]).toMatchObject({ code: 'timeout' })
  expect(clock.sleeping).toBe(0)
})

test('a stall is detected while the clock of the device is set back by a day', async () => {
  const clock = new FakeClock(86_400_000)
  const { body } = await attempt(
    netOf({ fetch: async () => new Response(new ReadableStream()), clock, retry }),
    { url: 'https://a.example/f' },
  )
  const stalled = vi.fn()
  const read = body?.getReader().read().catch(stalled)
  await clock.advance(0)
  clock.set(0)
  for (const _ of [1, 2]) await clock.advance(1000)
  await read
  expect(stalled.mock.calls[0]?.[0]).toMatchObject({ code: 'timeout' })
})

test('a response that cannot have a body is returned, though Chromium gives it an empty one', async () => {
  const empty = { status: 204, headers: new Headers(), body: new Blob([]).stream() }
  const fetch = async (): Promise<Response> => empty as Partial<Response> as Response
  const response = await attempt(netOf({ fetch, retry }), { url: 'https://hub.example/x' })
  expect(response.status).toBe(204)
})

test('a connection that is refused or cut is a network error', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' }).write('some')
      setTimeout(() => response.destroy(), 20)
    } else response.destroy()
  })
  const expected = { code: 'network', retryable: true }
  await expect(attempt(net, { url: `${origin}/none` })).rejects.toMatchObject(expected)
  const response = await attempt(net, { url: `${origin}/cut` })
  await expect(response.text()).rejects.toMatchObject(expected)
})

test('the caller can abort before, while waiting, and in the body, always with its own reason', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/body') response.writeHead(200, { 'content-length': '9' }).write('some')
  })
  const reason = new Error('enough')
  const early = { signal: AbortSignal.abort(reason) }
  await expect(attempt(net, { url: origin }, early)).rejects.toBe(reason)

  const waiting = new AbortController()
  const headers = attempt(net, { url: origin }, { signal: waiting.signal })
  setTimeout(() => waiting.abort(reason), 20)
  await expect(headers).rejects.toBe(reason)

  const reading = new AbortController()
  const options = { signal: reading.signal }
  const response = await attempt(net, { url: `${origin}/body` }, options)
  setTimeout(() => reading.abort(reason), 20)
  await expect(response.text()).rejects.toBe(reason)
})

test('cancelling the body ends the request', async () => {
  const closed = vi.fn()
  const origin = await serve((_, response) => {
    response.on('close', closed)
    response.writeHead(200, { 'content-length': '9' }).write('some')
  })
  const response = await attempt(net, { url: origin })
  await response.body?.cancel()
  await vi.waitFor(() => expect(closed).toHaveBeenCalled())
})
