import { describe, expect, test } from 'vitest'
import { testGateway, tokens } from './testing/test-gateway.ts'

describe('CORS', () => {
  test('a preflight is allowed by name, without a decision and without a slot', async () => {
    let decided = 0
    const gateway = testGateway({
      auth: {
        decide: () => {
          decided++
          return Promise.reject(new Error('not asked'))
        },
      },
      service: { allowHeaders: ['accept', 'Range', 'content-type'] },
    })
    const response = await gateway.ask('/x', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization,x-pollinations-token',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toEqual({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, x-pollinations-token, x-app-id, accept, Range',
      'access-control-max-age': '7200',
      vary: 'Origin, Access-Control-Request-Headers',
    })
    expect(decided).toBe(0)
    expect(gateway.queue.totals.keys).toBe(0)
    expect(gateway.seen).toEqual([])
    expect(gateway.lines).toEqual([])
  })

  test.each([
    ['a hub client', 'range, authorization, x-xet-session-id'],
    [
      'the OpenAI SDK',
      'authorization, content-type, user-agent, x-stainless-arch, x-stainless-retry-count, openai-organization',
    ],
    [
      'the Anthropic SDK',
      'anthropic-dangerous-direct-browser-access, anthropic-version, content-type, x-api-key, x-stainless-os',
    ],
    ['a client of OpenRouter', 'authorization, http-referer, x-title'],
  ])('a page may use %s', async (_, names) => {
    const response = await testGateway().ask('/x', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': names,
      },
    })
    const allowed = response.headers.get('access-control-allow-headers')?.split(', ')
    expect(allowed).toEqual(expect.arrayContaining(names.split(', ')))
    expect(allowed?.some((name) => name.includes('*'))).toBe(false)
  })

  test('a service may restrict pages and headers', async () => {
    const gateway = testGateway({
      service: { origins: ['https://app.example'], allowHeaders: ['x-own-*'] },
    })
    const preflight = (origin: string) =>
      gateway.ask('/x', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'x-own-a,x-other, x-own-b\u00e9',
        },
      })
    const { headers } = await preflight('https://app.example')
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, x-pollinations-token, x-app-id, x-own-a',
    )
    const other = { headers: { origin: 'https://evil.test' } }
    expect((await preflight('https://evil.test')).headers.has('access-control-allow-origin')).toBe(
      false,
    )
    expect((await gateway.ask('/x', other)).headers.has('access-control-allow-origin')).toBe(false)
  })

  test('an OPTIONS request that is not a preflight goes to the service', async () => {
    const gateway = testGateway()
    expect((await gateway.ask('/x', { method: 'OPTIONS' })).status).toBe(200)
    expect(gateway.seen).toHaveLength(1)
  })

  test('a page without a Referer is recognised by its Origin, and may read the headers of its response', async () => {
    const gateway = testGateway()
    const response = await gateway.ask('/x', { headers: { origin: 'https://app.example' } })
    expect(response.headers.get('x-auth-result')).toBe('ALLOWLIST')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(response.headers.get('access-control-expose-headers')).toBe(
      'retry-after, ratelimit, ratelimit-policy, x-request-id, x-auth-result',
    )
  })

  test('CORS headers of a service are merged without duplicates', async () => {
    const gateway = testGateway({
      service: { exposeHeaders: ['x-linked-size'] },
      handle: async () =>
        new Response('x', {
          headers: {
            vary: 'Accept, ORIGIN',
            'access-control-allow-origin': '*',
            'access-control-allow-credentials': 'true',
            'access-control-expose-headers': 'ETag, X-Request-Id',
            'x-request-id': 'theirs',
          },
        }),
    })
    const { headers } = await gateway.ask('/x', { headers: { origin: 'null' } })
    expect(headers.get('vary')).toBe('Accept, ORIGIN')
    expect(headers.get('access-control-allow-origin')).toBe('null')
    expect(headers.has('access-control-allow-credentials')).toBe(false)
    expect(headers.get('access-control-expose-headers')).toBe(
      'ETag, X-Request-Id, retry-after, ratelimit, ratelimit-policy, x-auth-result, x-linked-size',
    )
    expect(headers.get('x-request-id')).not.toBe('theirs')
  })

  test('without an Origin nothing is allowed, and Vary still tells caches that the response depends on it', async () => {
    const { headers } = await testGateway().ask()
    expect(headers.has('access-control-allow-origin')).toBe(false)
    expect(headers.get('vary')).toBe('Origin')
  })
})

describe('responses that shared caches may store', () => {
  test.each([
    ['public', false],
    ['Public, max-age=5', false],
    ['s-maxage=60', false],
    ['max-age=60', false],
    ['public="x"', false],
    ['immutable', false],
    ['private, max-age=60', true],
    ['no-store, public', true],
    ['no-cache', true],
  ])('%s: personal headers are kept: %s', async (cacheControl, stay) => {
    expect(await isPersonal(cacheControl)).toBe(stay)
  })
})

describe('credentials', () => {
  test('a token in the URL is removed before the service sees it, and the response is private', async () => {
    const gateway = testGateway({
      handle: async () =>
        new Response('x', { headers: { 'cache-control': 'public, max-age=31536000, immutable' } }),
    })
    const path = `/x?a=%20b+c&%74oken=${tokens.seed}&token=&sig=A%2fb`
    const response = await gateway.ask(path, { method: 'POST', body: 'hello' })
    expect(response.headers.get('x-auth-result')).toBe('DB_TOKEN')
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    const [seen] = gateway.seen
    expect(seen?.url).toBe('https://gateway.example/x?a=%20b+c&sig=A%2fb')
    expect(await seen?.text()).toBe('hello')
  })

  test('the x-pollinations-token header is removed too; Authorization is unchanged', async () => {
    const gateway = testGateway()
    await gateway.ask('/x', { headers: { 'x-pollinations-token': tokens.seed, 'x-other': '1' } })
    await gateway.ask('/x', { headers: { authorization: `Bearer ${tokens.seed}` } })
    expect(Object.fromEntries(gateway.seen[0]?.headers ?? [])).toEqual({ 'x-other': '1' })
    expect(gateway.seen[1]?.headers.get('authorization')).toBe(`Bearer ${tokens.seed}`)
  })

  test('a request without credentials is passed on as the same object', async () => {
    const gateway = testGateway()
    const request = new Request('https://gateway.example/x?a=1')
    await (await gateway.fetch(request, { peer: null })).text()
    expect(gateway.seen[0]).toBe(request)
    const upload = new Request('https://gateway.example/x?a=1', { method: 'POST', body: 'x' })
    await gateway.fetch(upload, { peer: '198.51.100.9' })
    expect([gateway.seen[1]?.url, await gateway.seen[1]?.text()]).toEqual([upload.url, 'x'])
  })

  test('a response for shared caches reveals nothing about its caller', async () => {
    const gateway = testGateway({
      handle: async () =>
        new Response('x', {
          headers: [
            ['cache-control', 'Public, max-age=60, immutable'],
            ['x-debug-user', 'u1'],
            ['x-auth-user', 'u1'],
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
            ['etag', '"1"'],
          ],
        }),
    })
    const { headers } = await gateway.ask('/x', { headers: { origin: 'https://app.example' } })
    expect([...headers.keys()].toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
      'access-control-allow-origin',
      'access-control-expose-headers',
      'cache-control',
      'content-type',
      'etag',
      'vary',
      'x-request-id',
    ])
  })

  test('an unsigned header that claims a decision or a right is ignored', async () => {
    const gateway = testGateway()
    const response = await gateway.ask('/x', {
      headers: {
        'x-modelferry-decision': '{"kind":"token","tier":"nectar"}',
        'x-modelferry-key': 'edge',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'app.example',
      },
    })
    expect(response.headers.get('x-auth-result')).toBe('NONE')
  })

  test('no response and no line of the log contains a token, or its start or end', async () => {
    const unknown = 'unkn-0123456789-wrong'
    const all = [tokens.seed, tokens.nectar, 'legacy-01', unknown, 'LEGACY-01']
    const errors: string[] = []
    const gateway = testGateway({
      rules: { allowBodyToken: true },
      handle: async (request, { decision, carry }) =>
        Response.json({
          token: new URL(request.url).searchParams.get('token'),
          decision,
          carry: JSON.parse(carry) as unknown,
        }),
    })
    const json = { 'content-type': 'application/json' }
    let peers = 0
    for (const token of all) {
      const inits: [string, RequestInit][] = [
        ['/x', { headers: { authorization: `Bearer ${token}` } }],
        ['/x', { headers: { authorization: token } }],
        ['/x', { headers: { 'x-pollinations-token': token } }],
        ['/x', { headers: { 'x-app-id': token, referer: `https://app.example/?t=${token}` } }],
        [`/x?token=${token}`, { method: 'HEAD' }],
        [`/x?token=${token}&token=other`, {}],
        [`/x?token=${token}&referrer=${token}`, {}],
        ['/x', { method: 'POST', headers: json, body: JSON.stringify({ token }) }],
        [`/nowhere?token=${token}`, { headers: { authorization: `Bearer ${token}x` } }],
      ]
      for (const [path, init] of inits) {
        const response = await gateway.ask(path, { ...init, peer: `198.51.100.${peers++}` })
        errors.push(JSON.stringify([...response.headers]), await response.text())
      }
    }
    errors.push(...gateway.lines.map((line) => JSON.stringify(line)))
    expect(errors.length).toBeGreaterThan(200)
    const leaks = errors.flatMap((text) =>
      all
        .map((token) => new RegExp(`${token.slice(0, 4)}.{0,20}${token.slice(-4)}`))
        // A caller without a token may choose any label, which the log contains.
        .filter((ends) => ends.test(text.replaceAll(/"label":"[^"]*"/g, '')))
        .map((ends) => `${ends}: ${text}`),
    )
    expect(leaks).toEqual([])
    expect(gateway.lines.every((line) => !JSON.stringify(line).includes('198.51.100'))).toBe(true)
  })
})

/** Whether a response with this field still has the headers of the decision; all or none. */
async function isPersonal(cacheControl: string): Promise<boolean> {
  const headers = { 'cache-control': cacheControl }
  const gateway = testGateway({ handle: async () => new Response('x', { headers }) })
  const { headers: answered } = await gateway.ask()
  const names = ['x-auth-result', 'ratelimit', 'ratelimit-policy']
  const there = names.filter((name) => answered.has(name)).length
  expect([0, names.length]).toContain(there)
  return there > 0
}
