import { expect, test } from 'vitest'
import { openDecision } from '../auth/service/sealed-decision.ts'
import { createRequestVerifier } from '../auth/service/verifier.ts'
import { testGateway, tokens } from './testing/test-gateway.ts'
import { proxyService, type ProxyOptions } from './proxy.ts'

const credential = { keyId: 'gateway-1', secret: 'x'.repeat(32) }

/** A gateway before a server that is played by a function; what the server was sent comes with it. */
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

test('a request goes on without what only the gateway may know', async () => {
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

test('bodies of both ways are streamed', async () => {
  // Without keeping what is sent: a second reader would hold the first one back.
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
  expect(pulled).toBeLessThan(10)
  await reader.cancel()
  expect(gateway.queue.totals.running).toBe(0)
})

test('with a credential the decision goes with it, signed, and the body is bounded', async () => {
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

test('an answer comes without what holds behind the gateway only', async () => {
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
  'a redirect to %s stays as it is',
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

test('a server that cannot be reached is a 502, and names nothing', async () => {
  const { gateway } = proxied(() => {
    throw new TypeError('connect ECONNREFUSED text.internal')
  })
  const response = await gateway.ask('/text/x')
  expect(response.status).toBe(502)
  expect(await response.text()).not.toContain('internal')
})

test('one that hangs is a 504, and is let go', async () => {
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

test.each(['', 'text.internal', 'file:///etc'])('"%s" is no upstream', (upstream) => {
  expect(() => proxyService({ name: 'text', path: '/text/', upstream })).toThrow('"text"')
})

test('a credential that protects nothing is refused at start', () => {
  const weak = { keyId: 'a', secret: 'short' }
  const options = { name: 'text', path: '/text/', upstream: 'https://text.internal' }
  expect(() => proxyService({ ...options, credential: weak })).toThrow('secret')
})

async function echo(_: string, init?: RequestInit): Promise<Response> {
  return new Response(init?.body ?? null)
}
