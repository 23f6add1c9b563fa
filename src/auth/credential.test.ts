import { expect, test, vi } from 'vitest'
import { createAuth } from './auth.ts'
import type { Decision } from './decision.ts'
import type { AuthRequest } from './credential.ts'

const auth = createAuth({
  allowBodyToken: true,
  validate: async (token) =>
    token === 'good' ? { state: 'valid', sub: 'u1' } : { state: 'invalid' },
})
const json = 'application/json'

function post(body: BodyInit | null, type = json): Request {
  const headers = { 'content-type': type }
  const init = { method: 'POST', headers, body, duplex: 'half' }
  return new Request('https://api.example/', init)
}

const decide = (request: AuthRequest): Promise<Decision> => auth.decide(request, { peer: null })

test.each([
  ['{"token":"good"}', 'DB_TOKEN'],
  ['\ufeff {"a":[1],"token":"good"} ', 'DB_TOKEN'],
  ['{"token":" good"}', 'MALFORMED_CREDENTIAL'],
  ['{"token":"\\u0000"}', 'MALFORMED_CREDENTIAL'],
  ['{"token":"other"}', 'INVALID_TOKEN'],
  ['{"token":""}', 'NONE'],
  ['{"token":null}', 'NONE'],
  ['{"token":["good"]}', 'NONE'],
  ['{"Token":"good"}', 'NONE'],
  ['{"data":{"token":"good"}}', 'NONE'],
  ['{"__proto__":{"token":"good"}}', 'NONE'],
  ['[{"token":"good"}]', 'NONE'],
  ['"token"', 'NONE'],
  ['null', 'NONE'],
  ['', 'NONE'],
])('the body %j is %s', async (body, reason) => {
  const request = post(body)
  const source = reason === 'NONE' ? null : 'body:token'
  expect(await decide(request)).toMatchObject({ reason, tokenSource: source })
  expect(request.bodyUsed).toBe(false)
  expect(await request.text()).toBe(body.replace('\ufeff', ''))
})

test.each([
  ['application/json; charset=utf-8', 'DB_TOKEN'],
  ['Application/JSON ;x', 'DB_TOKEN'],
  ['application/jsonp', 'NONE'],
  ['application/problem+json', 'NONE'],
  ['text/plain; application/json', 'NONE'],
  ['application/json, text/plain', 'NONE'],
])('a body of type %s is %s', async (type, reason) => {
  expect(await decide(post('{"token":"good"}', type))).toMatchObject({ reason })
})

test('a request is cloned only when its body may hold the credential', async () => {
  const clone = vi.fn()
  const request = (method: string, query = ''): AuthRequest => ({
    method,
    url: `https://api.example/${query}`,
    headers: new Headers({ 'content-type': json }),
    clone,
  })
  await decide(request('PUT'))
  await createAuth({}).decide(request('POST'), { peer: null })
  // A malformed value is rejected without reading the body.
  expect(await decide(request('POST', '?token=a%20b'))).toMatchObject({
    tokenSource: 'query:token',
  })
  expect(clone).not.toHaveBeenCalled()
})

test('the same value in header and body is one credential, another one is refused', async () => {
  const headers = { 'content-type': json, authorization: 'Bearer good' }
  const ask = (token: string): Promise<Decision> => {
    const init = { method: 'POST', headers, body: JSON.stringify({ token }) }
    return decide(new Request('https://api.example/', init))
  }
  expect(await ask('good')).toMatchObject({ tokenSource: 'header:authorization' })
  expect(await ask('other')).toMatchObject({ status: 400, tokenSource: null })
  expect(await ask('not good')).toMatchObject({ status: 401, tokenSource: 'body:token' })
})

test('a token in the body is no label either', async () => {
  const headers = { 'content-type': json, 'x-app-id': 'my good app' }
  const init = { method: 'POST', headers, body: '{"token":"good"}' }
  const decision = await decide(new Request('https://api.example/', init))
  expect(decision).toMatchObject({ reason: 'DB_TOKEN', label: null })
})

test('at most 2 MiB of a body are read, and the original request stays readable', async () => {
  const size = 2 * 1024 * 1024
  const exactly = `{"token":"good"}${' '.repeat(size - 16)}`
  expect(await decide(post(exactly))).toMatchObject({ reason: 'DB_TOKEN' })
  const longer = post(`${exactly} `)
  expect(await decide(longer)).toMatchObject({ reason: 'NONE' })
  expect((await longer.text()).length).toBe(size + 1)

  const pulled = vi.fn((controller: ReadableStreamDefaultController<Uint8Array>) =>
    controller.enqueue(new Uint8Array(16 * 1024)),
  )
  const cancelled = vi.fn()
  const endless = new ReadableStream({ pull: pulled, cancel: cancelled })
  const request = { ...asRequest(endless), clone: () => ({ body: endless }) }
  expect(await decide(request)).toMatchObject({ reason: 'NONE' })
  expect(pulled.mock.calls.length).toBeLessThan(140)
  expect(cancelled).toHaveBeenCalledOnce()
})

test('a body that fails, is missing, or was read already counts as no token', async () => {
  const failing = new ReadableStream({
    pull: () => {
      throw new Error('connection lost')
    },
  })
  expect(await decide(asRequest(failing))).toMatchObject({ reason: 'NONE' })
  expect(await decide(asRequest(null))).toMatchObject({ reason: 'NONE' })
  const read = post('{"token":"good"}')
  await read.text()
  expect(await decide(read)).toMatchObject({ reason: 'NONE' })
})

test('the wait for an endless body is bounded', async () => {
  vi.useFakeTimers()
  try {
    const cancelled = vi.fn()
    const stalled = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"token":"good"}')),
      cancel: cancelled,
    })
    const decision = decide(asRequest(stalled))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await decision).toMatchObject({ reason: 'NONE' })
    expect(cancelled).toHaveBeenCalled()
  } finally {
    vi.useRealTimers()
  }
})

function asRequest(body: ReadableStream<Uint8Array> | null): AuthRequest {
  const { method, url, headers } = post('')
  return { method, url, headers, clone: () => ({ body }) }
}
