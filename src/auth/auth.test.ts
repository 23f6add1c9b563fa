import file from '../../scripts/vectors/auth-cases.json'
import { describe, expect, test, vi } from 'vitest'
import { authOptionsOf } from '../../scripts/vectors/auth/authOptionsOf.ts'
import { authRequestOf } from '../../scripts/vectors/auth/authRequestOf.ts'
import { checkAuthCase } from '../../scripts/vectors/auth/checkAuthCase.ts'
import { checkHostList } from '../../scripts/vectors/auth/checkHostList.ts'
import { expandTexts } from '../../scripts/vectors/auth/expandTexts.ts'
import { fillTexts } from '../../scripts/vectors/auth/fillTexts.ts'
import { createAuth, onceEach, type AuthOptions } from './auth.ts'
import { legacyHashes, sha256Hex } from './digests.ts'
import type { AuthVectorCase } from '../../scripts/vectors/auth/AuthVectorCase.ts'
import type { AuthVectorConfig } from '../../scripts/vectors/auth/AuthVectorConfig.ts'
import type { Decision } from './decision.ts'
import type { Verdict } from './token-validation.ts'

describe('createAuth', () => {
  const token = 'token-of-user-1'
  const verdict: Verdict = { state: 'valid', sub: 'u1' }
  const url = 'https://api.example/v1/models'

  interface Sent {
    readonly headers?: Record<string, string>
    readonly query?: string
    readonly body?: BodyInit
  }

  async function decide(options: AuthOptions, sent: Sent = {}): Promise<Decision> {
    const { headers = {}, query = '', body } = sent
    const init =
      body === undefined ? { headers } : { headers, body, method: 'POST', duplex: 'half' }
    const request = new Request(url + query, init)
    const decision = await createAuth(options).decide(request, { peer: '203.0.113.7' })
    expect(request.bodyUsed).toBe(false)
    return decision
  }

  const bearer = { headers: { authorization: `Bearer ${token}` } }
  const validate = async (): Promise<Verdict> => verdict

  test('a validator is given the token and its digest, once', async () => {
    const asked = vi.fn(validate)
    await decide({ validate: asked }, bearer)
    expect(asked.mock.calls).toEqual([[token, sha256Hex(token)]])
  })

  test('without a validator every token is invalid', async () => {
    expect(await decide({}, bearer)).toMatchObject({ reason: 'INVALID_TOKEN', status: 401 })
  })

  test.each([
    ['rejects', async () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['says nothing', async () => undefined],
    ['returns an unknown state', async () => ({ state: 'maybe' })],
    ['returns an empty user', async () => ({ state: 'valid', sub: '' })],
    [
      'returns a scope that is not a list',
      async () => ({ state: 'valid', sub: 'u1', scope: 'read' }),
    ],
    ['returns a key id that is a number', async () => ({ state: 'valid', sub: 'u1', keyId: 7 })],
    [
      'returns an expiry that is a text',
      async () => ({ state: 'valid', sub: 'u1', expiresAt: '2020-01-01' }),
    ],
    [
      'returns an expiry that is not a number',
      async () => ({ state: 'valid', sub: 'u1', expiresAt: NaN }),
    ],
  ])('a validator that %s is unavailable', async (_, broken) => {
    const options = { validate: broken as AuthOptions['validate'] } as AuthOptions
    const decision = await decide(options, bearer)
    const keyId = sha256Hex(token).slice(0, 8)
    expect(decision).toMatchObject({ reason: 'AUTH_UNAVAILABLE', status: 503, keyId })
    expect(decision.retryAfterMs).toBeGreaterThan(0)
  })

  test('the retry delay of a validator is passed on, and the next call after recovery succeeds', async () => {
    const verdicts: Verdict[] = [{ state: 'unavailable', retryAfterMs: 7000 }, verdict]
    const auth = createAuth({ validate: async () => verdicts.shift()! })
    const request = new Request(url, bearer)
    expect(await auth.decide(request, { peer: null })).toMatchObject({ retryAfterMs: 7000 })
    expect(await auth.decide(request, { peer: null })).toMatchObject({ subject: 'u1' })
  })

  test.each([undefined, 0, -1, Infinity])(
    'a validator that asks for a retry in %s ms is tried again after a second',
    async (retryAfterMs) => {
      const down = { state: 'unavailable', ...(retryAfterMs !== undefined && { retryAfterMs }) }
      const decision = await decide({ validate: async () => down as Verdict }, bearer)
      expect(decision.retryAfterMs).toBe(1000)
    },
  )

  test('a stale verdict is marked, and no other decision', async () => {
    const stale: Verdict = { ...verdict, stale: true }
    expect(await decide({ validate: async () => stale }, bearer)).toMatchObject({
      reason: 'DB_TOKEN',
      stale: true,
    })
    expect(await decide({ validate }, bearer)).toMatchObject({ stale: false })
    expect(await decide({})).toMatchObject({ stale: false })
  })

  test.each([
    [undefined, 'seed', false],
    ['seed', 'seed', false],
    ['flower', 'flower', false],
    ['nectar', 'nectar', true],
    ['Nectar', 'anonymous', false],
    ['legacy', 'anonymous', false],
    ['recognised', 'anonymous', false],
    ['constructor', 'anonymous', false],
  ])('tier %s becomes %s', async (tier, expected, bypass) => {
    const listener = vi.fn()
    const said = { ...verdict, ...(tier !== undefined && { tier }) }
    const options = { validate: async (): Promise<Verdict> => said, onUnknownTier: listener }
    expect(await decide(options, bearer)).toMatchObject({ tier: expected, bypass, subject: 'u1' })
    expect(listener.mock.calls).toEqual(expected === 'anonymous' ? [[tier]] : [])
  })

  test('a null from a validator counts as a missing value', async () => {
    const said = { tier: null, scope: null, keyId: null, expiresAt: null, username: null }
    const validate = async (): Promise<Verdict> => ({ ...verdict, ...said }) as unknown as Verdict
    const listener = vi.fn()
    const decision = await decide({ validate, onUnknownTier: listener }, bearer)
    expect(decision).toEqual(await decide({ validate: async () => verdict }, bearer))
    expect(decision).toMatchObject({ reason: 'DB_TOKEN', tier: 'seed' })
    expect(listener).not.toHaveBeenCalled()
  })

  test('only the configured tiers bypass the queue', async () => {
    const options: AuthOptions = {
      validate,
      passTiers: ['seed'],
      legacyTokens: legacyHashes(['legacy-01']),
      legacyExpiresAt: Date.now() + 60_000,
    }
    expect(await decide(options, bearer)).toMatchObject({ tier: 'seed', bypass: true })
    const legacy = { headers: { authorization: 'Bearer legacy-01' } }
    expect(await decide(options, legacy)).toMatchObject({ tier: 'legacy', bypass: false })
  })

  test('a token expires at its time, also when the stored verdict is older', async () => {
    const clock = { now: () => 1000, sleep: async () => undefined }
    const ending = (expiresAt: number): AuthOptions => ({
      clock,
      validate: async () => ({ ...verdict, expiresAt }),
    })
    expect(await decide(ending(1001), bearer)).toMatchObject({ reason: 'DB_TOKEN' })
    expect(await decide(ending(1000), bearer)).toMatchObject({ reason: 'INVALID_TOKEN' })
  })

  test('legacy tokens work without a validator until they expire', async () => {
    const asked = vi.fn(validate)
    const legacy = { headers: { 'x-pollinations-token': 'legacy-01' } }
    const at = (now: number): AuthOptions => ({
      validate: asked,
      legacyTokens: legacyHashes(['legacy-01']).map((hash) => hash.toUpperCase()),
      legacyExpiresAt: 1000,
      clock: { now: () => now, sleep: async () => undefined },
    })
    expect(await decide(at(1000), legacy)).toMatchObject({ kind: 'legacy', subject: null })
    expect(await decide(at(1001), legacy)).toMatchObject({ reason: 'INVALID_TOKEN' })
    expect(asked).not.toHaveBeenCalled()
  })

  test('a token in the query is reported once per subject, and only when it is valid', async () => {
    const listener = vi.fn(() => {
      throw new Error('a listener fails')
    })
    const auth = createAuth({
      onQueryToken: listener,
      validate: async (text) =>
        text === token ? { ...verdict, keyId: 'k1' } : { state: 'invalid' },
    })
    const ask = (query: string, init?: RequestInit): Promise<Decision> =>
      auth.decide(new Request(url + query, init), { peer: null })
    await ask('?token=nope')
    await ask('', bearer)
    await ask(`?token=${token}`, bearer)
    expect(listener).not.toHaveBeenCalled()
    for (let times = 0; times < 3; times++) await ask(`?token=${token}`)
    expect(listener.mock.calls).toEqual([['k1']])
  })

  test('a subject with several tokens is reported once', async () => {
    const listener = vi.fn()
    const auth = createAuth({
      onQueryToken: listener,
      validate: async (text) => ({ ...verdict, sub: text.slice(0, 2), keyId: text }),
    })
    for (const query of ['?token=u1-a', '?token=u1-b', '?token=u2-a', '?token=u1-a'])
      await auth.decide(new Request(url + query), { peer: null })
    expect(listener.mock.calls).toEqual([['u1-a'], ['u2-a']])
  })

  test.each([token, 'eight-to'])(
    'a user, key id or scope that contains the token %s is replaced by a digest',
    async (secret) => {
      const scope = ['read:*', `of:${secret}`]
      const named: Verdict = { state: 'valid', sub: `user ${secret}`, keyId: secret, scope }
      const headers = { authorization: `Bearer ${secret}` }
      const decision = await decide({ validate: async () => named }, { headers })
      const name = `sha256:${sha256Hex(secret).slice(0, 16)}`
      expect(decision).toMatchObject({ subject: name, queueKey: `subject:${name}`, keyId: name })
      expect(decision.scope).toEqual(['read:*', name])
    },
  )

  test('a text of 7 characters is no secret, and may be part of a name', async () => {
    const named: Verdict = { state: 'valid', sub: 'user of seven-t' }
    const headers = { authorization: 'Bearer seven-t' }
    expect(await decide({ validate: async () => named }, { headers })).toMatchObject({
      subject: 'user of seven-t',
    })
  })

  test.each([
    [{ headers: { 'x-app-id': ' my-app ' } }, 'my-app'],
    [{ headers: { 'x-app-id': 'mine' }, query: '?referrer=theirs' }, 'mine'],
    [{ query: '?referrer=&referrer=app.example&referer=x' }, 'app.example'],
    [{ query: '?referer=app%2Eexample' }, 'app.example'],
    [{ query: '?%72eferrer=app' }, 'app'],
    [
      { query: '?referrer=https%3A%2F%2Fu%3Ap%40a.example%2Fp%3Fkey%3Ds%23t' },
      'https://a.example/p',
    ],
    [{ query: '?referrer=app%3Fkey%3Dsecret' }, 'app'],
    [{ headers: { 'x-app-id': 'x'.repeat(100) } }, 'x'.repeat(100)],
    [{ headers: { 'x-app-id': 'x'.repeat(101) } }, null],
    [{ headers: { 'x-app-id': 'of legacy-01' } }, null],
    [{ headers: { 'x-app-id': 'of legacy/02.x, too' } }, null],
    [{ headers: { 'x-app-id': 'short' } }, null],
    [{ headers: { 'x-app-id': 'a short one' } }, 'a short one'],
    [{ headers: { 'x-app-id': 'https://evil.test/legacy-01/x' } }, null],
    [{ headers: { 'x-app-id': 'https://a.example/, legacy-01' } }, null],
    [{ headers: { 'x-app-id': `of ${token}`, authorization: `Bearer ${token}` } }, null],
    [{ headers: { 'x-app-id': 'not good', authorization: 'Bearer not good' } }, null],
    [{ headers: { 'x-app-id': 'secret-1', 'x-pollinations-token': 'secret-1, secret-2' } }, null],
    [{ query: '?token=secret-1&referrer=secret-1' }, null],
    [{ query: '?Referrer=app' }, null],
    [{}, null],
  ])('the label of %j is %j', async (sent: Sent, expected) => {
    const tokens = ['legacy-01', 'legacy/02.x', 'short']
    const legacy = { legacyTokens: legacyHashes(tokens), legacyExpiresAt: 9e15 }
    const { label } = await decide({ ...legacy, allowQueryToken: false }, sent)
    expect(label).toBe(expected)
  })

  test.each([
    ['https://api.example/?token=a', 'query:token'],
    ['https://api.example/?x#?token=a', null],
    ['https://api.example/#?token=a', null],
    ['https://api.example/??token=a', null],
    ['https://api.example/?token', null],
    ['https://api.example/?xtoken=a&token%3Da', null],
    ['https://api.example/?t%6Fken=a', 'query:token'],
    ['https://api.example/?token=%FF', 'query:token'],
    ['https://api.example/?token=;token=a', 'query:token'],
    ['/relative?token=a', 'query:token'],
  ])('%s has a token in %s', async (address, tokenSource) => {
    const request = { method: 'GET', url: address, headers: new Headers(), clone: vi.fn() }
    expect(await createAuth({}).decide(request, { peer: null })).toMatchObject({ tokenSource })
    expect(request.clone).not.toHaveBeenCalled()
  })

  test.each([
    ['Bearer abc', 'INVALID_TOKEN'],
    ['BEARER   abc==', 'INVALID_TOKEN'],
    ['Bearer ==', 'MALFORMED_CREDENTIAL'],
    ['Bearer a=b', 'MALFORMED_CREDENTIAL'],
    ['Bearer\tabc', 'MALFORMED_CREDENTIAL'],
    ['Bearer \tabc', 'MALFORMED_CREDENTIAL'],
    ['Bearer abc, Bearer abc', 'MALFORMED_CREDENTIAL'],
    ['Bearer, abc', 'MALFORMED_CREDENTIAL'],
    ['Bearer=abc x', 'MALFORMED_CREDENTIAL'],
    ['B\u00e9arer abc', 'MALFORMED_CREDENTIAL'],
    ['Bearerx abc', 'NONE'],
    ['tok.en~ abc', 'NONE'],
    ['Negotiate \tabc', 'NONE'],
    [' \t ', 'NONE'],
  ])('Authorization %j is %s', async (authorization, reason) => {
    const headers = { get: (name: string) => (name === 'authorization' ? authorization : null) }
    const request = { method: 'GET', url, headers: { ...headers, has: () => true }, clone: vi.fn() }
    expect(await createAuth({}).decide(request, { peer: null })).toMatchObject({ reason })
  })

  test('a decision does not affect the next request', async () => {
    const auth = createAuth({ allowedHosts: 'app.example' })
    const origin = new Request(url, { headers: { origin: 'https://app.example' } })
    expect(await auth.decide(origin, { peer: null })).toMatchObject({ kind: 'recognised' })
    expect(await auth.decide(new Request(url), { peer: null })).toMatchObject({ kind: 'anonymous' })
  })
})

describe('specified cases', () => {
  const config = file.config as Partial<AuthVectorConfig>
  const cases = expandTexts(file.cases) as AuthVectorCase[]
  const titled = <Entry extends { id: string }>(entries: readonly Entry[]): [string, Entry][] =>
    entries.map((entry) => [entry.id.replace(/^\d+/, '$&:'), entry])

  test.each(titled(cases))('row %s', (_, entry) => checkAuthCase(entry, config))

  test.each(titled(file.configCases))('row %s (list)', (_, entry) => checkHostList(entry))

  describe.each(titled(file.sweeps))('row %s', (_, { values, ...sweep }) => {
    test.each(values)('with %s', (value) =>
      checkAuthCase(fillTexts(sweep, value) as AuthVectorCase, config),
    )
  })

  test.each(titled(cases))('row %s, decided on a Request', async (_, { request, options }) => {
    const { method, url, headers, body, peer } = request
    const real = new Request(url, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(body !== undefined && { body }),
    })
    const auth = createAuth(authOptionsOf({ ...config, ...options }))
    const plain = authRequestOf(request, () => undefined)
    expect(await auth.decide(real, { peer })).toEqual(await auth.decide(plain, { peer }))
    expect(real.bodyUsed).toBe(false)
    expect(body ?? '').toBe(await real.text())
  })
})

const hash = 'a'.repeat(64)

test.each([
  [{ validate: 'x' }, 'validate'],
  [{ validate: null }, 'validate'],
  [{ legacyTokens: 'x', legacyExpiresAt: 1 }, 'legacyTokens'],
  [{ legacyTokens: [hash, 'secret'], legacyExpiresAt: 1 }, 'legacyTokens[1] has 6 characters'],
  [{ legacyTokens: [hash] }, 'legacyExpiresAt is missing'],
  [{ legacyTokens: [hash], legacyExpiresAt: Number.NaN }, 'legacyExpiresAt'],
  [{ legacyExpiresAt: '2027-01-01' }, 'legacyExpiresAt'],
  [{ allowedHosts: 'app.example,a b' }, '"a b"'],
  [{ allowedHosts: ['app.example', 7] }, 'allowedHosts'],
  [{ allowedHosts: null }, 'allowedHosts is of type null'],
  [{ allowedHosts: '*.github.io', isPublicSuffix: () => true }, '"*.github.io"'],
  [{ registeredHosts: ['*.app.example'] }, '"*.app.example"'],
  [{ registeredHosts: [''] }, 'registeredHosts has ""'],
  [{ registeredHosts: 'app.example' }, 'registeredHosts'],
  [{ trustedProxies: ['10.0.0.0/8', '10.0.0/8'] }, '"10.0.0/8"'],
  [{ trustedProxies: '10.0.0.0/8' }, 'trustedProxies'],
  [{ forwardedHeader: 'x forwarded' }, 'forwardedHeader'],
  [{ forwardedHeader: '' }, 'forwardedHeader'],
  [{ ipv6Prefix: 31 }, 'ipv6Prefix'],
  [{ ipv6Prefix: 129 }, 'ipv6Prefix'],
  [{ ipv6Prefix: 64.5 }, 'ipv6Prefix'],
  [{ ipv6Prefix: '64' }, 'ipv6Prefix'],
  [{ allowQueryToken: 'false' }, 'allowQueryToken'],
  [{ allowBodyToken: 0 }, 'allowBodyToken'],
  [{ passTiers: ['nectar', 'platinum'] }, '"platinum"'],
  [{ passTiers: ['anonymous'] }, '"anonymous"'],
  [{ passTiers: 'nectar' }, 'passTiers'],
  [{ isPublicSuffix: true }, 'isPublicSuffix'],
  [{ onQueryToken: {} }, 'onQueryToken'],
  [{ onUnknownTier: {} }, 'onUnknownTier'],
])('%j is refused at start', (options, named) => {
  expect(() => createAuth(options as AuthOptions)).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: expect.stringContaining(named),
    }),
  )
})

test('a value that may be an unhashed token is not shown in the error', () => {
  const options = { legacyTokens: ['secret-token'], legacyExpiresAt: 1 }
  expect(() => createAuth(options)).toThrow(/^(?!.*secret-token)/)
})

test('every option may be left out', () => {
  expect(() => createAuth()).not.toThrow()
  expect(() => createAuth({})).not.toThrow()
})

test('legacy values become hashes, each once', () => {
  expect(legacyHashes(['legacy-01', 'tok.e-d_g~e/p+l=', 'legacy-01'])).toEqual([
    sha256Hex('legacy-01'),
    sha256Hex('tok.e-d_g~e/p+l='),
  ])
  expect(sha256Hex('legacy-01').slice(0, 16)).toBe('ca7ddcaf78c75034')
})

test.each(['app.example', 'LOCALHOST', 'localhost.', 'a.b'])(
  'the host name %s is refused as a legacy token unless allowHostNames is set',
  (value) => {
    const wrong = { code: 'configuration', message: expect.stringContaining('Legacy token 2 of 2') }
    expect(() => legacyHashes(['legacy-01', value])).toThrow(expect.objectContaining(wrong))
    expect(() => legacyHashes(['legacy-01', value])).toThrow(/^(?!.*a\.b|.*app\.example)/)
    expect(legacyHashes([value], { allowHostNames: true })).toEqual([sha256Hex(value)])
  },
)

test.each(['', 'a b', 'ü', 'x'.repeat(513)])('no request can carry %j', (value) => {
  expect(() => legacyHashes([value], { allowHostNames: true })).toThrow(/Legacy token 1 of 1/)
})

test('each name is reported once, and the number of remembered names is bounded', () => {
  const listener = vi.fn()
  const tell = onceEach(listener, 2)
  for (const name of ['a', 'b', 'a', 'c', 'b', 'a']) tell(name)
  expect(listener.mock.calls.flat()).toEqual(['a', 'b', 'c', 'a'])
})
