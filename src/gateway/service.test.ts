import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../auth/auth.ts'
import { queryWithoutToken, parseTarget } from './service.ts'
import { testGateway, tokens } from './testing/test-gateway.ts'

const named = (name: string, path: string) => ({
  name,
  path,
  handle: async () => new Response(name),
})

test('the longest matching path wins, compared by segments', async () => {
  const gateway = testGateway({
    services: [named('text', '/text/'), named('deep', '/text/deep/'), named('api', '/api/')],
  })
  const of = async (path: string) => {
    const response = await gateway.ask(path, { peer: `198.51.100.${path.length}` })
    return response.status === 200 ? response.text() : response.status
  }
  expect(await of('/text/')).toBe('text')
  expect(await of('/text')).toBe('text')
  expect(await of('/text/deep/x?y')).toBe('deep')
  expect(await of('/api/%2e%2e/text/x/y')).toBe('text')
  expect(await of('/textual')).toBe(404)
  expect(await of('/')).toBe(404)
})

test.each([
  [[named('a', 'text/')], '"text/"'],
  [[named('a', '/text')], '"/text"'],
  [[named('a', '/t/'), named('b', '/t/')], '"a" and "b"'],
])('invalid paths are refused at start', (services, message) => {
  expect(() => testGateway({ services })).toThrow(message)
})

describe('presigned URLs', () => {
  test('need no token, skip the queue, and have their credentials ignored', async () => {
    const gateway = testGateway({ service: { open: isSigned } })
    for (let each = 0; each < 9; each++) {
      const response = await gateway.ask('/bytes/1?sig=1', {
        headers: { authorization: 'Bearer unknown-token', origin: 'https://app.example' },
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('x-auth-result')).toBe('ALLOWLIST')
      await response.text()
    }
    expect(gateway.queue.totals.keys).toBe(0)
    expect(gateway.lines.filter(({ event }) => event.startsWith('queue'))).toEqual([])
    expect((await gateway.ask('/other', { headers: { authorization: 'Bearer bad' } })).status).toBe(
      401,
    )
  })
})

describe('tokens that a service issued', () => {
  /** Issues the carried decision itself as a token; a real service seals it. */
  const sealed = new Map<string, string>()
  const service = {
    carried: (request: Request) =>
      sealed.get((request.headers.get('authorization') ?? '').replace('Bearer ', '')),
  }
  const gatewayWith = (options: Parameters<typeof testGateway>[0] = {}) =>
    testGateway({
      ...options,
      service,
      handle: async (_, { carry, decision }) => {
        sealed.set('sealed-1', carry)
        return Response.json(decision)
      },
    })

  test('restore the decision of their request', async () => {
    const gateway = gatewayWith()
    await gateway.ask('/mint', { headers: { authorization: `Bearer ${tokens.nectar}` } })
    const response = await gateway.ask('/use', {
      headers: { authorization: 'Bearer sealed-1' },
      peer: '198.51.100.200',
    })
    expect(await response.json()).toMatchObject({ kind: 'token', queueKey: 'subject:u2' })
  })

  test('are ignored beside another credential, or with an invalid content', async () => {
    const gateway = gatewayWith()
    const asked = (path: string, more: Record<string, string> = {}) =>
      gateway.ask(path, { headers: { authorization: 'Bearer sealed-1', ...more } })
    expect((await asked('/use', { 'x-pollinations-token': tokens.seed })).status).toBe(400)
    expect((await asked(`/use?token=${tokens.seed}`)).status).toBe(400)
    sealed.set('sealed-1', '{"kind":"token","bypass":true}')
    expect((await asked('/use')).status).toBe(401)
    expect(gateway.seen).toEqual([])
  })

  test('apply under previous rules, but not without any', async () => {
    const previous = createAuth()
    const gateway = gatewayWith()
    await gateway.ask('/mint', { headers: { authorization: `Bearer ${tokens.nectar}` } })
    const asked = () => gateway.ask('/use', { headers: { authorization: 'Bearer sealed-1' } })
    gateway.setRollout({ mode: 'off', previous })
    expect((await asked()).headers.get('x-auth-result')).toBe('DB_TOKEN')
    gateway.setRollout({ mode: 'off' })
    expect((await asked()).headers.get('x-auth-result')).toBe('NONE')
  })
})

test('only tokens are removed from queries', () => {
  const name = fc.constantFrom('token', '%74oken', 'tok%65n', 'Token', 'tokens', 'a', '%', '+', '')
  const part = fc.tuple(name, fc.constantFrom('', '=', '=x', '=%zz', '==', '=token'))
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const texts = parts.map((each) => each.join(''))
      const search = texts.length === 0 ? '' : `?${texts.join('&')}`
      const left = queryWithoutToken(search)
      expect(new URLSearchParams(left).has('token')).toBe(false)
      const kept = texts.filter((text) => !new URLSearchParams(text).has('token'))
      expect(left.replace(/^\?/, '')).toBe(kept.join('&'))
    }),
  )
})

test('any request gets one response, and the service is called at most once', async () => {
  const header = fc.constantFrom(
    'authorization',
    'x-pollinations-token',
    'origin',
    'referer',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-app-id',
    'access-control-request-headers',
    'cookie',
    'expect',
  )
  const value = fc.oneof(
    fc.constantFrom('Bearer tokseed00', 'Bearer toknectar', 'null', 'https://app.example'),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => String.fromCharCode(...bytes)),
  )
  const request = fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE', 'QUERY'),
    path: fc.oneof(
      fc.webPath(),
      fc.string({ unit: 'binary' }).map((text) => `/x?${text}`),
      fc.constantFrom('/metrics', '/x?token=tokseed00', '//', '/%', '/x?token=%'),
    ),
    headers: fc.array(fc.tuple(header, value), { maxLength: 4 }),
    body: fc.option(fc.uint8Array({ maxLength: 50 })),
    peer: fc.constantFrom('203.0.113.7', '10.0.0.1', 'garbage', '', null),
    answer: fc.constantFrom('well', 'throws', 'nothing', 'never'),
    leaves: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (requests) => {
      const calls = new Map<string, number>()
      const gateway = testGateway({
        headersMs: 5,
        rules: { allowBodyToken: true },
        limits: shortLimits,
        handle: async (_, { requestId, signal }) => {
          calls.set(requestId, (calls.get(requestId) ?? 0) + 1)
          const { answer } = requests[(calls.size - 1) % requests.length]!
          if (answer === 'throws') throw new Error('broken')
          if (answer === 'nothing') return undefined as unknown as Response
          if (answer === 'never') {
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
          }
          return new Response('well')
        },
      })
      await Promise.all(
        requests.map(async ({ method, path, headers, body, peer, leaves }) => {
          const made = makeRequest(method, path, headers, body, leaves)
          if (made === undefined) return
          const response = await gateway.fetch(made, { peer })
          expect(response.status).toBeGreaterThanOrEqual(200)
          await response.text().catch(() => undefined)
        }),
      )
      expect([...calls.values()].every((count) => count === 1)).toBe(true)
      await expect.poll(() => gateway.queue.totals).toMatchObject({ running: 0, waiting: 0 })
    }),
    { numRuns: 60 },
  )
})

const short = { intervalMs: 0, concurrency: 2, maxWaiting: 2, maxWaitMs: 50, weight: 1 }
const shortLimits = {
  anonymous: short,
  recognised: short,
  seed: short,
  flower: short,
  nectar: short,
  legacy: short,
}

/** Undefined for requests that no client could send. */
function makeRequest(
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array | null,
  leaves: boolean,
): Request | undefined {
  const leaving = new AbortController()
  if (leaves) setTimeout(() => leaving.abort(), 2)
  try {
    return new Request(`https://gateway.example${path}`, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      signal: leaving.signal,
      ...(body && { body: body.slice() }),
    })
  } catch {
    return undefined
  }
}

function isSigned(request: Request): boolean {
  return new URL(request.url).pathname.startsWith('/bytes/')
}

test('an error in the log pattern of a service does not fail the request', async () => {
  const gateway = testGateway({
    service: {
      route: () => {
        throw new Error('no pattern')
      },
    },
  })
  expect(await (await gateway.ask()).text()).toBe('hello')
  expect(gateway.lines.at(-1)).toMatchObject({ event: 'request.end', route: '/*', status: 200 })
})

test('a failure before the decision is logged too', async () => {
  const auth = { decide: () => Promise.reject(new Error('broken')) }
  const gateway = testGateway({ auth })
  expect((await gateway.ask()).status).toBe(500)
  expect(gateway.lines).toMatchObject([{ event: 'request.end', kind: 'undecided', status: 500 }])
})

const pathOf = (path: string): string | undefined =>
  parseTarget(`https://gateway.example${path}`)?.url.pathname

describe('a path in normal form', () => {
  test.each([
    ['/a/b', '/a/b'],
    ['/%61pi/x', '/api/x'],
    ['/a%7eb/%2D', '/a~b/-'],
    ['/a/%2e%2e/b', '/b'],
    ['/a/.%2E/b', '/b'],
    ['/a\\..\\b', '/b'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/100%25.txt', '/100%25.txt'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/a...b/.../x', '/a...b/.../x'],
    ['/x?a=%2e%2e&b=%61', '/x'],
  ])('%s is %s', (path, normal) => {
    expect(pathOf(path)).toBe(normal)
  })

  test('the query stays byte for byte', () => {
    expect(parseTarget('https://gateway.example/%61?a=%2e%61')?.url.search).toBe('?a=%2e%61')
  })
})

describe('a path that servers interpret differently is refused', () => {
  test.each([
    '/v1/text/..%2fadmin',
    '/v1/text/..%5cadmin',
    '/v1/text/%5c..%5cadmin',
    '/v1/text/..;/admin',
    '/v1/text/..;a=b/admin',
    '/v1/text/%2e%2e;/admin',
    '/v1/text/%252e%252e/admin',
    '/v1/text/%252e%252e%252fadmin',
    '/v1/text/%25252e%25252e/admin',
    '/v1/text/x%2f..%2f..%2fadmin',
    '/v1/text/..%20/admin',
    '/v1/text/..%00/admin',
    '/v1/text/%0d%0aadmin',
    '/v1/text/%c0%ae%c0%ae/admin',
    '/v1/text/%u002e%u002e/admin',
    '/v1/text/%',
    '/v1/text/%2',
  ])('%s', (path) => {
    expect(pathOf(path)).toBeUndefined()
  })
})

test('an encoded slash is reported, also when it is encoded twice', () => {
  const slash = (path: string): boolean | undefined =>
    parseTarget(`https://gateway.example${path}`)?.encodedSlash
  expect(slash('/a/refs%2Fpr%2f1/b')).toBe(true)
  expect(slash('/a%252fb')).toBe(true)
  expect(slash('/a/b%25')).toBe(false)
})

test('parsing a normalised URL does not change it', () => {
  const piece = fc.constantFrom(
    'a',
    '.',
    '..',
    '/',
    '%2f',
    '%2e',
    '%25',
    '%5c',
    ';',
    '%61',
    '%C3%A9',
    '\\',
    '%',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = parseTarget(`https://gateway.example/${pieces.join('')}`)
      if (target === null) return
      const again = parseTarget(target.url.href)
      expect(again?.url.href).toBe(target.url.href)
      expect(again?.encodedSlash).toBe(target.encodedSlash)
    }),
  )
})
