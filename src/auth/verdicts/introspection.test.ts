import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FerryError } from '../../core/errors.ts'
import { FakeClock } from '../../net/testing/FakeClock.ts'
import { sha256Hex } from '../digests.ts'
import { createIntrospectEndpoint, introspectionOf } from '../service/introspect-endpoint.ts'
import { createRequestVerifier } from '../service/verifier.ts'
import { type Verdict, createTokenList } from '../token-validation.ts'
import {
  type IntrospectionOptions,
  createBreaker,
  createIntrospection,
  readIntrospection,
} from './introspection.ts'

describe('createIntrospection', () => {
  const credential = { keyId: 'edge-1', secret: 'a secret of the edge with 32 bytes or more' }
  const url = 'https://auth.example/v1/introspect'
  const down = { state: 'unavailable' } as const

  type Answer = (request: Request, signal: AbortSignal) => Response | Promise<Response>

  function setUp(answer: Answer, options: Partial<IntrospectionOptions> = {}) {
    const clock = new FakeClock(1_800_000_000_000)
    const failures: FerryError[] = []
    const world = { answer, asked: 0 }
    const validate = createIntrospection({
      url,
      credential,
      clock,
      fetch: async (address, init) => {
        world.asked += 1
        const { signal, ...rest } = init ?? {}
        return world.answer(new Request(address, rest), signal as AbortSignal)
      },
      onFailure: (error) => void failures.push(error),
      ...options,
    })
    const ask = (token = 'tokseed00'): Promise<Verdict> => validate(token, sha256Hex(token))
    return { clock, failures, world, ask }
  }

  const says =
    (json: unknown, init?: ResponseInit): Answer =>
    () =>
      Response.json(json, init)

  function both(secret = credential.secret) {
    const clock = new FakeClock(1_800_000_000_000)
    const endpoint = createIntrospectEndpoint({
      clock,
      validate: createTokenList(
        [{ sha256: sha256Hex('tokseed00'), sub: 'u1', tier: 'seed', keyId: 'k1' }],
        clock,
      ),
      verify: createRequestVerifier([{ ...credential, secret }], { clock }),
    })
    return setUp(endpoint)
  }

  describe('beside a real endpoint', () => {
    test('valid and invalid tokens get different verdicts, with the time for which they may be cached', async () => {
      const { ask, failures } = both()
      expect(await ask()).toEqual({
        state: 'valid',
        sub: 'u1',
        tier: 'seed',
        keyId: 'k1',
        scope: [],
        maxAgeMs: 60_000,
      })
      expect(await ask('unknown00')).toEqual({ state: 'invalid' })
      expect(failures).toEqual([])
    })

    test('a refusal of the service credential is no verdict about the token', async () => {
      const { ask, failures } = both('another secret of the edge, long enough')
      expect(await ask()).toEqual(down)
      expect(failures).toMatchObject([{ code: 'unauthorized', status: 401, url }])
    })
  })

  test.each<[string, Answer, string]>([
    ['500', says({}, { status: 500 }), 'http'],
    ['404', says({ active: false }, { status: 404 }), 'http'],
    ['204', () => new Response(null, { status: 204 }), 'http'],
    ['201 with an answer', says({ active: false }, { status: 201 }), 'http'],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: '/x' } }), 'http'],
    ['401', says({}, { status: 401 }), 'unauthorized'],
    ['403', says({}, { status: 403 }), 'unauthorized'],
    ['no JSON', () => new Response('<html>tokseed00</html>'), 'protocol'],
    ['no body', () => new Response(null), 'protocol'],
    ['other JSON', says({ active: 'yes', sub: 'tokseed00' }), 'protocol'],
    ['a huge body', () => new Response(`{"active":false,"x":"${'x'.repeat(65_536)}"}`), 'protocol'],
    [
      'a body that breaks',
      () =>
        new Response(new ReadableStream({ pull: (body) => body.error(new Error('tokseed00')) })),
      'network',
    ],
    ['no connection', () => Promise.reject(new TypeError('fetch failed for tokseed00')), 'network'],
  ])('%s is unavailable, and the token is not in the error', async (_, answer, code) => {
    const { ask, failures } = setUp(answer)
    expect(await ask()).toEqual(down)
    expect(failures.map((failure) => failure.code)).toEqual([code])
    expect(`${failures[0]?.stack} ${JSON.stringify(failures[0])}`).not.toContain('tokseed')
    expect(failures[0]?.cause).toBeUndefined()
  })

  test.each([
    [429, '7', 7000],
    [503, '100000', 300_000],
    [503, new Date(1_800_000_005_000).toUTCString(), 5000],
    [429, 'later', undefined],
  ])('status %i with Retry-After %s waits %s ms', async (status, header, ms) => {
    const { ask } = setUp(says({}, { status, headers: { 'retry-after': header } }))
    expect(await ask()).toEqual(ms === undefined ? down : { ...down, retryAfterMs: ms })
  })

  test('reading an endless body stops at the limit', async () => {
    let pulled = 0
    const pull = (body: ReadableStreamDefaultController<Uint8Array>): void => {
      pulled += 1
      body.enqueue(new Uint8Array(16_384))
    }
    const { ask, failures } = setUp(() => new Response(new ReadableStream({ pull })))
    expect(await ask()).toEqual(down)
    expect(failures[0]?.message).toContain('too large')
    expect(pulled).toBeLessThan(10)
  })

  test('a failed connection is retried once with a new signature', async () => {
    const nonces: (string | null)[] = []
    const { ask, world } = setUp(async (request) => {
      nonces.push(request.headers.get('x-modelferry-nonce'))
      if (nonces.length === 1) throw new TypeError('fetch failed')
      return Response.json({ active: false })
    })
    expect(await ask()).toEqual({ state: 'invalid' })
    expect(world.asked).toBe(2)
    expect(new Set(nonces).size).toBe(2)
  })

  test('there are at most two tries, and a request that was answered is never retried', async () => {
    const { ask, world } = setUp(() => Promise.reject(new TypeError('fetch failed')))
    await ask()
    expect(world.asked).toBe(2)
    world.answer = says({}, { status: 503 })
    await ask()
    expect(world.asked).toBe(3)
  })

  test.each<[string, Answer]>([
    ['no headers', (_, signal) => hanging(signal)],
    ['no headers, and signals ignored', () => new Promise(() => {})],
    ['no body', () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))],
  ])('%s: unavailable after 2 s, retry included', async (_, answer) => {
    const { ask, clock, failures } = setUp(answer)
    let verdict: Verdict | undefined
    void ask().then((given) => void (verdict = given))
    await clock.advance(1999)
    expect(verdict).toBeUndefined()
    await clock.advance(1)
    expect(verdict).toEqual(down)
    expect(failures).toMatchObject([{ code: 'timeout' }])
    expect(clock.sleeping).toBe(0)
  })

  test('after 5 failures no request is sent for 10 s, then one', async () => {
    const { ask, clock, world } = setUp(says({}, { status: 500 }))
    for (let at = 0; at < 5; at += 1) await ask()
    expect(await ask()).toEqual({ ...down, retryAfterMs: 10_000 })
    expect(world.asked).toBe(5)
    await clock.advance(10_000)
    world.answer = (_, signal) => hanging(signal)
    const probe = ask()
    expect(await ask()).toEqual({ ...down, retryAfterMs: 1000 })
    expect(world.asked).toBe(6)
    await clock.advance(2000)
    expect(await probe).toEqual(down)
    expect(await ask()).toEqual({ ...down, retryAfterMs: 10_000 })
    await clock.advance(10_000)
    world.answer = says({ active: false })
    expect(await ask()).toEqual({ state: 'invalid' })
    expect(await ask()).toEqual({ state: 'invalid' })
  })

  test('an answer in between resets the count', async () => {
    const { ask, world } = setUp(says({}, { status: 500 }))
    for (let at = 0; at < 4; at += 1) await ask()
    world.answer = says({ active: false })
    await ask()
    world.answer = says({}, { status: 500 })
    for (let at = 0; at < 4; at += 1) await ask()
    world.answer = says({ active: false })
    expect(await ask()).toEqual({ state: 'invalid' })
  })

  test('the request is a signed POST that follows no redirect and carries the token in its body', async () => {
    const seen: RequestInit[] = []
    const { ask } = setUp(says({ active: false }), {
      fetch: async (address, init) => {
        expect(address).toBe(url)
        seen.push(init ?? {})
        return Response.json({ active: false })
      },
    })
    await ask()
    expect(seen[0]).toMatchObject({
      method: 'POST',
      redirect: 'manual',
      body: '{"token":"tokseed00"}',
    })
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('tokseed')
  })

  test.each<[Partial<IntrospectionOptions>, RegExp]>([
    [{ url: '/v1/introspect' }, /no usable URL/],
    [{ url: 'ftp://auth.example/' }, /no usable URL/],
    [{ url: 'https://u:hunter2@auth.example/' }, /user information in its URL/],
    [{ credential: { keyId: 'a', secret: '' } }, /has no secret/],
  ])('%# stops the start', (options, message) => {
    const start = (): unknown => createIntrospection({ url, credential, ...options })
    expect(start).toThrow(message)
    expect(start).toThrow(expect.objectContaining({ code: 'configuration' }))
    expect(start).not.toThrow(/hunter2/)
  })

  function hanging(signal: AbortSignal): Promise<Response> {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }
})

describe('readIntrospection', () => {
  const bytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))

  test('reads the answers of the endpoint', () => {
    const verdict: Verdict = {
      state: 'valid',
      sub: 'u1',
      tier: 'seed',
      username: 'Ada Ä',
      scope: ['a', 'b'],
      keyId: 'k1',
      expiresAt: 90_000,
    }
    expect(readIntrospection(bytes(introspectionOf(verdict, 1000, 60_000)))).toEqual({
      verdict: { ...verdict, maxAgeMs: 60_000 },
    })
    expect(readIntrospection(bytes(introspectionOf({ state: 'invalid' }, 0, 0)))).toEqual({
      verdict: { state: 'invalid' },
    })
  })

  test('a token may have more than 100 scopes', () => {
    const scope = Array.from({ length: 1000 }, (_, index) => `write:me/model-${index}`)
    const verdict: Verdict = { state: 'valid', sub: 'u1', scope }
    const read = readIntrospection(bytes(introspectionOf(verdict, 1000, 60_000)))
    expect(read).toMatchObject({ verdict: { state: 'valid', scope } })
  })

  test('nulls and unknown members are ignored', () => {
    const said = { active: true, sub: 'u1', tier: null, username: null, exp: null, more: {} }
    expect(readIntrospection(bytes(said))).toEqual({ verdict: { state: 'valid', sub: 'u1' } })
  })

  test.each([
    [{}, 'active'],
    [null, 'the answer itself'],
    [[], 'active'],
    [{ active: 'true', sub: 'u1' }, 'active'],
    [{ active: 1 }, 'active'],
    [{ active: true }, 'sub'],
    [{ active: true, sub: '' }, 'sub'],
    [{ active: true, sub: 'u1\r\nx' }, 'sub'],
    [{ active: true, sub: 'u1', tier: 5 }, 'tier'],
    [{ active: true, sub: 'u1', scope: 'read write' }, 'scope'],
    [{ active: true, sub: 'u1', exp: -1 }, 'exp'],
    [{ active: true, sub: 'u1', cacheTtl: '60' }, 'cacheTtl'],
  ])('%j does not follow the protocol', (json, field) => {
    expect(readIntrospection(bytes(json))).toEqual({ fault: `${field} is invalid` })
  })

  test('never throws, for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (body) => typeof readIntrospection(body) === 'object'))
    fc.assert(fc.property(fc.json(), (text) => 'fault' in readIntrospection(bytes(text))))
  })
})

describe('circuit breaker', () => {
  function open() {
    const clock = new FakeClock(0)
    const breaker = createBreaker(clock, 5, 10_000, 1000)
    for (let at = 0; at < 5; at += 1) {
      expect(breaker.enter()).toBeNull()
      breaker.failed()
    }
    return { clock, breaker }
  }

  test('opens after five failures in a row, for ten seconds', async () => {
    const { clock, breaker } = open()
    expect(breaker.enter()).toBe(10_000)
    await clock.advance(9999)
    expect(breaker.enter()).toBe(1)
    await clock.advance(1)
    expect(breaker.enter()).toBeNull()
  })

  test('one probe decides', async () => {
    const { clock, breaker } = open()
    await clock.advance(10_000)
    expect(breaker.enter()).toBeNull()
    expect(breaker.enter()).toBe(1000)
    breaker.failed()
    expect(breaker.enter()).toBe(10_000)
    await clock.advance(10_000)
    expect(breaker.enter()).toBeNull()
    breaker.succeeded()
    expect([breaker.enter(), breaker.enter()]).toEqual([null, null])
  })

  test('only consecutive failures open it', () => {
    const breaker = createBreaker(new FakeClock(0), 2, 10_000, 1000)
    for (let at = 0; at < 10; at += 1) {
      breaker.failed()
      breaker.succeeded()
    }
    expect(breaker.enter()).toBeNull()
  })

  test('late failures do not prolong it', async () => {
    const { clock, breaker } = open()
    await clock.advance(5000)
    breaker.failed()
    expect(breaker.enter()).toBe(5000)
  })
})
