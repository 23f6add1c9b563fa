import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { posix } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { anonymousDecision } from '../auth/decision.ts'
import { openDecision } from '../auth/service/sealed-decision.ts'
import { createRequestVerifier } from '../auth/service/verifier.ts'
import { testGateway, tokens } from './testing/test-gateway.ts'
import { proxyService, type ProxyOptions } from './proxy.ts'

const credential = { keyId: 'gateway-1', secret: 'x'.repeat(32) }

/** A gateway in front of a simulated server, with the requests that the server received. */
function proxied(
  answer: (request: Request) => Response | Promise<Response>,
  more: Partial<ProxyOptions> = {},
) {
  const sent: Request[] = []
  const service = proxyService({
    name: 'text',
    path: '/text/',
    upstream: 'https://text.internal/v1/',
    fetch: async (url, init) => {
      const request = new Request(url, init)
      sent.push(request.clone())
      return answer(request)
    },
    ...more,
  })
  return { gateway: testGateway({ services: [service] }), sent }
}

test('a request is forwarded without credentials for the gateway', async () => {
  const { gateway, sent } = proxied(() => new Response('ok'))
  const response = await gateway.ask(`/text/chat/%2e?a=%20&token=${tokens.seed}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens.seed}`,
      cookie: 'a=1',
      'content-type': 'text/plain',
      connection: 'x-hop, close',
      'x-hop': '1',
      te: 'trailers',
      'x-forwarded-for': '1.1.1.1',
      'x-modelferry-decision': '{}',
      referer: 'https://app.example/chat?token=legacy-01',
      'x-app-id': 'my-app',
    },
    body: 'hello',
  })
  expect(response.status).toBe(200)
  const request = sent[0]!
  expect(request.url).toBe('https://text.internal/v1/chat/?a=%20')
  expect(request.redirect).toBe('manual')
  expect(await request.text()).toBe('hello')
  expect(Object.fromEntries(request.headers)).toEqual({
    'accept-encoding': 'identity',
    'content-type': 'text/plain',
    referer: 'https://app.example/chat',
    'x-app-id': 'my-app',
    'x-request-id': response.headers.get('x-request-id'),
  })
})

test('bodies in both directions are streamed, after the buffered part', async () => {
  // Without recording the body: a second reader would delay the first one.
  const { gateway } = proxied(() => new Response(), { fetch: echo })
  let pulled = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(1000))
      },
    },
    { highWaterMark: 0 },
  )
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
  const response = await gateway.ask('/text/endless', init)
  const reader = response.body!.getReader()
  await reader.read()
  const readAhead = Math.ceil(2 ** 20 / 1000)
  expect(pulled).toBeLessThan(readAhead + 10)
  await reader.cancel()
  expect(gateway.queue.totals.running).toBe(0)
})

test('with a credential the signed decision is sent with the request, and the body is bounded', async () => {
  const verify = createRequestVerifier([credential])
  const { gateway, sent } = proxied(
    async (request) => {
      const opened = await openDecision(request, verify)
      return Response.json(opened.state === 'trusted' ? opened.decision : opened.state)
    },
    { credential },
  )
  const bearer = { authorization: `Bearer ${tokens.seed}` }
  const response = await gateway.ask('/text/x?y=1', { method: 'POST', headers: bearer, body: 'hi' })
  expect(await response.json()).toMatchObject({ kind: 'token', subject: 'u1' })
  const get = await gateway.ask('/text/x', { headers: bearer })
  expect(await get.json()).toMatchObject({ kind: 'token', subject: 'u1' })
  const large = await gateway.ask('/text/x', {
    method: 'POST',
    headers: bearer,
    body: new Uint8Array(1_048_577),
  })
  expect(large.status).toBe(413)
  expect(sent).toHaveLength(2)
})

test('a response is returned without headers that apply only behind the gateway', async () => {
  const { gateway } = proxied(
    () =>
      new Response('ok', {
        status: 302,
        headers: {
          location: 'https://text.internal/v1/next?a=1',
          'set-cookie': 'a=1',
          connection: 'x-own',
          'x-own': '1',
          'content-encoding': 'gzip',
          'content-length': '99',
          'x-request-id': 'theirs',
          'x-kept': '1',
        },
      }),
  )
  const { status, headers } = await gateway.ask('/text/x')
  expect(status).toBe(302)
  expect(headers.get('location')).toBe('/text/next?a=1')
  for (const name of ['set-cookie', 'x-own', 'content-encoding', 'content-length']) {
    expect(headers.has(name), name).toBe(false)
  }
  expect(headers.get('x-kept')).toBe('1')
})

test.each(['https://elsewhere.example/v1/x', '//elsewhere.example/x', '/other', 'next'])(
  'a redirect to %s is unchanged',
  async (location) => {
    const { gateway } = proxied(() => new Response(null, { status: 307, headers: { location } }))
    expect((await gateway.ask('/text/x')).headers.get('location')).toBe(location)
  },
)

test('a path cannot leave the upstream', async () => {
  const { gateway, sent } = proxied(() => new Response('ok'), { headersMs: 1000 })
  for (const path of ['/text//evil.test/x', '/text/../../x', '/text/%2e%2e/%2e%2e/admin']) {
    await gateway.ask(path, { peer: `198.51.100.${path.length}` })
  }
  expect(sent.map(({ url }) => url)).toEqual(['https://text.internal/v1//evil.test/x'])
})

test('an unreachable server is a 502 without details', async () => {
  const { gateway } = proxied(() => {
    throw new TypeError('connect ECONNREFUSED text.internal')
  })
  const response = await gateway.ask('/text/x')
  expect(response.status).toBe(502)
  expect(await response.text()).not.toContain('internal')
})

test('a server that hangs is a 504, and its request is aborted', async () => {
  let aborted = false
  const { gateway } = proxied(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason as Error)
        })
      }),
    { headersMs: 5 },
  )
  expect((await gateway.ask('/text/x')).status).toBe(504)
  await expect.poll(() => gateway.queue.totals.running).toBe(0)
  expect(aborted).toBe(true)
})

test.each(['', 'text.internal', 'file:///etc'])('"%s" is not an upstream', (upstream) => {
  expect(() => proxyService({ name: 'text', path: '/text/', upstream })).toThrow('"text"')
})

test('a token with more scopes than fit into a header gets 431 where decisions are signed', async () => {
  const sent: string[] = []
  const service = proxyService({
    name: 'text',
    path: '/text/',
    upstream: 'https://text.internal/v1',
    credential,
    fetch: async (url) => {
      sent.push(url)
      return new Response('ok')
    },
  })
  const ask = (scopes: number): Promise<Response> => {
    const scope = Array.from({ length: scopes }, (_, at) => `write:me/model-${at}`)
    const decision = { ...anonymousDecision({ network: 'ip:1', label: null }), scope }
    return service.handle(new Request('https://gateway.example/text/x'), {
      decision,
      credential: decision,
      requestId: '1',
      peer: null,
      signal: new AbortController().signal,
      carry: '',
      failed: () => undefined,
    })
  }
  expect((await ask(100)).status).toBe(200)
  expect((await ask(1000)).status).toBe(431)
  expect(sent).toHaveLength(1)
})

test('a weak credential is refused at start', () => {
  const weak = { keyId: 'a', secret: 'short' }
  const options = { name: 'text', path: '/text/', upstream: 'https://text.internal' }
  expect(() => proxyService({ ...options, credential: weak })).toThrow('secret')
})

async function echo(_: string, init?: RequestInit): Promise<Response> {
  return new Response(init?.body ?? null)
}

test('no encoding reaches a path outside of the upstream', async () => {
  const got: string[] = []
  const upstream = createServer((incoming, outgoing) => {
    got.push(incoming.url ?? '')
    outgoing.end('ok')
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void upstream.close())
  const { port } = upstream.address() as AddressInfo
  const service = proxyService({
    name: 'text',
    path: '/v1/text/',
    upstream: `http://127.0.0.1:${port}/generate`,
    cost: () => 0,
  })
  const gateway = testGateway({ services: [service] })
  const piece = fc.constantFrom(
    '.',
    '..',
    '/',
    '\\',
    ';',
    'a',
    'admin',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%5C',
    '%3b',
    '%25',
    '%252e',
    '%252f',
    '%00',
    '%20',
    '%c0%ae',
    '%e2%80%ae',
    '?',
    '%3f',
    '%23',
    ':',
    '@',
    '//evil.test',
  )
  let answered = 0
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
      got.length = 0
      const url = `https://gateway.example/v1/text/${pieces.join('')}`
      const response = await gateway.fetch(new Request(url), { peer: null })
      await response.text()
      if (response.status !== 200) {
        expect([400, 404]).toContain(response.status)
        return
      }
      answered++
      expect(got).toHaveLength(1)
      const path = got[0]!.split('?', 1)[0]!
      expect(path.startsWith('/generate/')).toBe(true)
      expect(readings(path).every((reading) => reading.startsWith('/generate/'))).toBe(true)
    }),
    { numRuns: 300 },
  )
  expect(answered).toBeGreaterThan(20)
})

/** How servers may read a path: decoded any number of times, parameters dropped, dots resolved, backslashes turned. */
function readings(path: string): string[] {
  const all: string[] = []
  for (let text = path, times = 0; times < 5; times++) {
    const bare = text.replaceAll('\\', '/').replaceAll(/;[^/]*/g, '')
    all.push(posix.normalize(text.replaceAll('\\', '/')), posix.normalize(bare))
    try {
      text = decodeURIComponent(text)
    } catch {
      break
    }
  }
  return all
}

test('headers that claim an identity or another path do not reach an upstream', async () => {
  const { gateway, sent } = proxied(() => new Response('ok'))
  const claims = [
    'x-auth-result',
    'x-auth-request-user',
    'x-original-url',
    'x-original-uri',
    'x-original-method',
    'x-rewrite-url',
    'x-http-method-override',
    'x-http-method',
    'x-method-override',
    'x-forwarded-prefix',
    'x-forwarded-user',
    'x-remote-user',
    'remote-user',
    'x-user-id',
    'x-real-ip',
    'x-host',
    'x-accel-redirect',
    'x-ssl-client-cert',
    'x-envoy-original-path',
    'x-ms-client-principal',
    'x-amzn-oidc-identity',
    'proxy',
    'x-modelferry-decision',
    'cf-connecting-ip',
  ]
  const headers = Object.fromEntries(claims.map((name) => [name, 'admin']))
  await gateway.ask('/text/x', {
    headers: { ...headers, 'x-title': 'kept', 'x-goog-api-key': 'kept' },
  })
  const reached = [...sent[0]!.headers.keys()]
  expect(reached.filter((name) => claims.includes(name))).toEqual([])
  expect(reached).toEqual(expect.arrayContaining(['x-title', 'x-goog-api-key']))
})

test.each(['PURGE', 'QUERY', 'PROPFIND'])(
  '%s is refused, with the list of allowed methods',
  async (method) => {
    const { gateway, sent } = proxied(() => new Response('ok'))
    const response = await gateway.ask('/text/x', { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
    expect(sent).toEqual([])
  },
)
