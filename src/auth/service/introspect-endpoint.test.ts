import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import { sha256Hex } from '../digests.ts'
import type { Verdict } from '../token-validation.ts'
import type { ServiceAudit } from './endpoint.ts'
import {
  type IntrospectEndpointOptions,
  createIntrospectEndpoint,
  createSiteLookup,
} from './introspect-endpoint.ts'
import { signRequest } from './signatures.ts'
import { createRequestVerifier } from './verifier.ts'

describe('introspection endpoint', () => {
  const edge = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
  const url = 'https://auth.example/v1/introspect'
  const start = 1_800_000_000_000
  const verdicts: Record<string, Verdict> = {
    tokseed00: {
      state: 'valid',
      sub: 'u1',
      tier: 'seed',
      username: 'ada',
      scope: ['read'],
      keyId: 'k1',
      expiresAt: start + 30_500,
    },
    toknectar: { state: 'valid', sub: 'u2' },
    tokasname: { state: 'valid', sub: 'u5', keyId: 'key tokasname' },
    tokstale0: { state: 'valid', sub: 'u3', stale: true },
    tokended0: { state: 'valid', sub: 'u4', expiresAt: start },
    tokdown00: { state: 'unavailable', retryAfterMs: 2100 },
    tokdown01: { state: 'unavailable' },
  }

  function setUp(options: Partial<IntrospectEndpointOptions> = {}) {
    const clock = new FakeClock(start)
    const events: ServiceAudit[] = []
    const asked: [string, string][] = []
    const endpoint = createIntrospectEndpoint({
      validate: async (token, digest) => {
        asked.push([token, digest])
        return verdicts[token] ?? { state: 'invalid' }
      },
      verify: createRequestVerifier([edge], { clock }),
      audit: (event) => void events.push(event),
      clock,
      ...options,
    })
    const call = (body: string | ReadableStream, type = 'application/json', credential = edge) => {
      const signing = typeof body === 'string' ? { body } : {}
      const headers = {
        ...signRequest({ method: 'POST', url, ...signing }, credential, { clock }),
        'content-type': type,
      }
      const init = { method: 'POST', body, headers, duplex: 'half' }
      return endpoint(new Request(url, init))
    }
    const ask = (token: string): Promise<Response> => call(JSON.stringify({ token }))
    return { clock, events, asked, endpoint, call, ask }
  }

  async function whole(answer: Response): Promise<unknown> {
    return { status: answer.status, headers: [...answer.headers], body: await answer.text() }
  }

  test('the answer for an active token has all known values', async () => {
    const { ask, asked, events } = setUp()
    const answer = await ask('tokseed00')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual({
      active: true,
      sub: 'u1',
      username: 'ada',
      tier: 'seed',
      scope: ['read'],
      keyId: 'k1',
      exp: start / 1000 + 30,
      cacheTtl: 30,
    })
    expect(asked).toEqual([['tokseed00', sha256Hex('tokseed00')]])
    expect(events).toEqual([
      {
        event: 'service.introspect',
        at: start,
        keyId: 'edge-1',
        result: 'active',
        status: 200,
        tokenKeyId: 'k1',
      },
    ])
  })

  test('unknown values of an active token are omitted; a stale verdict must not be cached', async () => {
    const { ask } = setUp()
    expect(await (await ask('toknectar')).json()).toEqual({
      active: true,
      sub: 'u2',
      scope: [],
      cacheTtl: 60,
    })
    expect(await (await ask('tokstale0')).json()).toMatchObject({ active: true, cacheTtl: 0 })
  })

  test('a form is accepted like JSON', async () => {
    const { call } = setUp()
    const type = 'Application/X-WWW-Form-Urlencoded; charset=utf-8'
    expect(await (await call('x=1&token=toknectar', type)).json()).toMatchObject({ sub: 'u2' })
  })

  test('unknown, ended, malformed and missing tokens have the same answer', async () => {
    const { call, ask, events, asked } = setUp()
    const unknown = await whole(await ask('unknown00'))
    expect(unknown).toMatchObject({ status: 200, body: '{"active":false}' })
    const answers = [
      await ask('tokended0'),
      await ask('mal formed'),
      await ask('x'.repeat(513)),
      await ask(''),
      await call('{"token":1}'),
      await call('{"token":["toknectar"]}'),
      await call('not json'),
      await call('null'),
      await call('token=toknectar&token=toknectar', 'application/x-www-form-urlencoded'),
      await call('{"token":"toknectar"}', 'text/plain'),
    ]
    for (const answer of answers) expect(await whole(answer)).toEqual(unknown)
    expect(events.map(({ result }) => result)).toEqual([
      'inactive',
      'inactive',
      ...Array.from({ length: 9 }, () => 'malformed'),
    ])
    expect(events[0]).toMatchObject({ tokenKeyId: sha256Hex('unknown00').slice(0, 8) })
    expect(asked).toHaveLength(2)
  })

  async function problem(answer: Response, status: number): Promise<Headers> {
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({ status, title: expect.any(String) })
    return answer.headers
  }

  describe('refusals are problem documents that must not be cached', () => {
    test('401 without a valid signature, always with the same body', async () => {
      const { endpoint, call, events, asked } = setUp()
      const bare = await endpoint(new Request(url, { method: 'POST', body: '{}' }))
      const forged = await call('{"token":"toknectar"}', 'application/json', {
        ...edge,
        secret: 'another secret that is long enough too',
      })
      const unknown = await call('{"token":"toknectar"}', 'application/json', {
        ...edge,
        keyId: 'edge-7',
      })
      const first = await whole(bare.clone())
      expect(await whole(forged)).toEqual(first)
      expect(await whole(unknown)).toEqual(first)
      const headers = await problem(bare, 401)
      expect(headers.get('www-authenticate')).toBe('Modelferry-HMAC-SHA256 realm="modelferry"')
      expect(asked).toEqual([])
      expect(events.map(({ result, keyId }) => [result, keyId])).toEqual(
        Array.from({ length: 3 }, () => ['unauthenticated', null]),
      )
    })

    test('405 for another method', async () => {
      const { endpoint, events } = setUp()
      for (const method of ['GET', 'PUT', 'OPTIONS']) {
        const headers = await problem(await endpoint(new Request(url, { method })), 405)
        expect(headers.get('allow')).toBe('POST')
      }
      expect(events.map(({ result }) => result)).toEqual(['method', 'method', 'method'])
    })

    test('413 above 2 KB, announced or in chunks; 2 KB are taken', async () => {
      const { call, asked } = setUp()
      await problem(await call('x'.repeat(2049)), 413)
      let left = 100
      const chunks = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          left -= 1
          if (left === 0) controller.close()
          else controller.enqueue(new Uint8Array(100))
        },
      })
      await problem(await call(chunks), 413)
      expect(left).toBeGreaterThan(70)
      const padded = '{"token":"toknectar"}'.padEnd(2048)
      expect((await call(padded)).status).toBe(200)
      expect(asked).toHaveLength(1)
    })

    test('429 for a caller over its rate limit, counted by key id', async () => {
      const callers: string[] = []
      const { ask, events, asked } = setUp({
        admit: (keyId) => {
          callers.push(keyId)
          return callers.length > 1 ? 1500 : null
        },
      })
      expect((await ask('toknectar')).status).toBe(200)
      const headers = await problem(await ask('toknectar'), 429)
      expect(headers.get('retry-after')).toBe('2')
      expect(callers).toEqual(['edge-1', 'edge-1'])
      expect(asked).toHaveLength(1)
      expect(events[1]).toMatchObject({ result: 'limited', keyId: 'edge-1', status: 429 })
    })

    test.each([
      [0, '1'],
      [Number.NaN, '1'],
      [-5, '1'],
      [Infinity, '3600'],
      [1001, '2'],
    ])('a delay of %d ms becomes Retry-After: %s', async (wait, seconds) => {
      const { ask } = setUp({ admit: () => wait })
      expect((await ask('toknectar')).headers.get('retry-after')).toBe(seconds)
    })

    test('503 when the token cannot be checked', async () => {
      const { ask, events } = setUp()
      expect((await problem(await ask('tokdown00'), 503)).get('retry-after')).toBe('3')
      expect((await problem(await ask('tokdown01'), 503)).get('retry-after')).toBe('1')
      expect(events[0]).toMatchObject({ result: 'unavailable', status: 503, keyId: 'edge-1' })
    })

    test('503 when the validator throws or returns no verdict', async () => {
      const throwing = setUp({ validate: () => Promise.reject(new Error('toknectar leaked')) })
      await problem(await throwing.ask('toknectar'), 503)
      expect(throwing.events).toMatchObject([{ result: 'unavailable' }])
      const hanging = setUp({ validate: () => new Promise(() => {}) })
      const answer = hanging.ask('toknectar')
      await hanging.clock.advance(0)
      await hanging.clock.advance(5000)
      await problem(await answer, 503)
      expect(hanging.clock.sleeping).toBe(0)
    })

    test('408 for a body that does not arrive', async () => {
      const { call, clock, events } = setUp()
      let cancelled = false
      const body = new ReadableStream({
        pull: () => new Promise(() => {}),
        cancel: () => void (cancelled = true),
      })
      const answer = call(body)
      await clock.advance(5000)
      await problem(await answer, 408)
      expect(events).toMatchObject([{ result: 'late', keyId: null }])
      expect(cancelled).toBe(true)
    })

    test('503 when the caller cannot be checked', async () => {
      const { ask, events } = setUp({ verify: () => Promise.reject(new Error('no store')) })
      await problem(await ask('toknectar'), 503)
      expect(events).toMatchObject([{ result: 'unavailable', keyId: null }])
    })

    test('503 when the call cannot be audited', async () => {
      const { ask } = setUp({
        audit: () => {
          throw new Error('disk full')
        },
      })
      const answer = await ask('tokseed00')
      expect(await answer.clone().text()).not.toContain('u1')
      await problem(answer, 503)
    })
  })

  test('no token text in answers and audit', async () => {
    const { ask, call, events } = setUp()
    const answers = [
      await ask('tokseed00'),
      await ask('unknown00'),
      await ask('tokdown00'),
      await call('{"token":"tokseed00"}'.padEnd(3000)),
    ]
    const bodies = await Promise.all(answers.map(whole))
    await ask('tokasname')
    expect(JSON.stringify(events)).not.toContain('tokasname')
    expect(JSON.stringify([bodies, events])).not.toMatch(/tokseed|unknown0|tokdown/)
  })
})

describe('site lookup', () => {
  const edge = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
  const url = 'https://auth.example/v1/sites/lookup'
  const verify = createRequestVerifier([edge])
  const events: ServiceAudit[] = []
  const lookup = createSiteLookup({
    verify,
    audit: (event) => void events.push(event),
    sites: new Map([
      ['Registered.Example.', { owner: 'u9', tier: 'flower' }],
      ['other.example', { owner: 'u8' }],
    ]),
  })
  const nobody = { known: false, owner: null, tier: null }

  async function ask(body: string): Promise<unknown> {
    const headers = {
      ...signRequest({ method: 'POST', url, body }, edge),
      'content-type': 'application/json',
    }
    const answer = await lookup(new Request(url, { method: 'POST', body, headers }))
    expect(answer.headers.get('cache-control')).toBe('no-store')
    return answer.status === 200 ? answer.json() : answer.status
  }

  test.each([
    ['registered.example', { known: true, owner: 'u9', tier: 'flower' }, 'known'],
    ['REGISTERED.example.', { known: true, owner: 'u9', tier: 'flower' }, 'known'],
    ['other.example', { known: true, owner: 'u8', tier: null }, 'known'],
    ['x.registered.example', nobody, 'unknown'],
    ['constructor', nobody, 'unknown'],
    ['https://registered.example', nobody, 'malformed'],
    ['registered.example..', nobody, 'malformed'],
    ['', nobody, 'malformed'],
  ])('%s', async (host, expected, result) => {
    expect(await ask(JSON.stringify({ host }))).toEqual(expected)
    expect(events.at(-1)).toMatchObject({ event: 'service.site-lookup', result, keyId: 'edge-1' })
  })

  test('a text that is not a host name is unknown', async () => {
    expect(await ask('{"host":{"a":1}}')).toEqual(nobody)
    expect(await ask('x'.repeat(3000))).toBe(413)
  })

  test('a signature for another path is refused', async () => {
    const body = '{"host":"registered.example"}'
    const other = 'https://auth.example/v1/introspect'
    const headers = signRequest({ method: 'POST', url: other, body }, edge)
    const answer = await lookup(new Request(url, { method: 'POST', body, headers }))
    expect(answer.status).toBe(401)
  })

  test.each([
    [new Map([['https://a.example', { owner: 'u1' }]]), /"https:\/\/a.example" is not a host name/],
    [
      new Map([
        ['a.example', { owner: 'u1' }],
        ['A.example.', { owner: 'u2' }],
      ]),
      /"A.example." is listed twice/,
    ],
  ])('a bad registry stops the start', (sites, message) => {
    expect(() => createSiteLookup({ verify, sites })).toThrow(message)
  })
})
