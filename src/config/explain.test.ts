import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import type { ConfigSources } from './types.ts'
import { loadConfig } from './load.ts'
import { foreignVariables } from './variables.ts'

const one = '1'.repeat(64)
const long = 's3cr3t-'.repeat(6)

function failure(sources: Partial<ConfigSources>): string {
  try {
    loadConfig({ process: {}, ...sources })
  } catch (error) {
    expect(error).toBeInstanceOf(FerryError)
    expect(error).toMatchObject({ code: 'configuration' })
    return (error as FerryError).message
  }
  throw new Error('expected a start-up error')
}

test('a secret is read from the variable that the file names', () => {
  const local = { serviceKeys: [{ keyId: 'text', secret: { $env: 'MODELFERRY_TEXT_SECRET' } }] }
  const process = { MODELFERRY_TEXT_SECRET: long }
  expect(loadConfig({ process, local }).serviceKeys).toEqual([{ keyId: 'text', secret: long }])
  for (const process of [{}, { MODELFERRY_TEXT_SECRET: '' }]) {
    expect(failure({ process, local })).toMatch(
      /serviceKeys\[0\]\.secret: the variable MODELFERRY_TEXT_SECRET is not set/,
    )
  }
  const short = failure({ process: { MODELFERRY_TEXT_SECRET: 'hunter2' }, local })
  expect(short).toMatch(/serviceKeys\[0\]\.secret: expected a text of at least 32 characters/)
  expect(short).not.toContain('hunter2')
})

test('a secret of an environment that is not chosen is not needed', () => {
  const secret = { $env: 'PRODUCTION_SECRET' }
  const local = { environments: { production: { serviceKeys: [{ keyId: 'a', secret }] } } }
  expect(loadConfig({ process: {}, local }).serviceKeys).toEqual([])
  expect(failure({ local, environment: 'production' })).toContain('PRODUCTION_SECRET')
})

test('parts of one section may come from different sources', () => {
  const shared = {
    auth: { introspect: { url: 'https://auth.example/v1/introspect', keyId: 'edge' } },
  }
  const local = { auth: { introspect: { secret: long } } }
  expect(loadConfig({ process: {}, shared, local }).auth.introspect).toEqual({
    url: 'https://auth.example/v1/introspect',
    keyId: 'edge',
    secret: long,
  })
  expect(failure({ shared })).toContain('auth.introspect.secret: it must be given')
})

test.each<[entry: string, message: RegExp, local: unknown]>([
  ['relam', /there is no such entry; known are realm, publicUrl/, { relam: 'x' }],
  ['constructor', /there is no such entry/, { constructor: 1 }],
  ['__proto__', /there is no such entry/, JSON.parse('{"__proto__": {"realm": "x"}}')],
  ['auth.legacyToken', /there is no such entry/, { auth: { legacyToken: [] } }],
  ['tiers.platinum', /there is no such entry/, { tiers: { platinum: {} } }],
  ['tiers.seed.weight', /from 1 to 1000, got 0$/, { tiers: { seed: { weight: 0 } } }],
  ['queue.instances', /got -1\.5$/, { queue: { instances: -1.5 } }],
  [
    'tiers.seed.concurrency',
    /a whole number .*, got 1\.5$/,
    { tiers: { seed: { concurrency: 1.5 } } },
  ],
  ['queue.concurrency', /got "32"$/, { queue: { concurrency: '32' } }],
  ['queue.failMode', /local, open, closed, got "maybe"$/, { queue: { failMode: 'maybe' } }],
  ['queue', /expected an object, got a list$/, { queue: [] }],
  ['realm', /got null$/, { realm: null }],
  ['realm', /got "a\\"b"$/, { realm: 'a"b' }],
  ['auth.allowedHosts[0]', /got "\*"$/, { auth: { allowedHosts: '*' } }],
  [
    'auth.allowedHosts[1]',
    /got "https:\/\/x\/"$/,
    { auth: { allowedHosts: ['a.example', 'https://x/'] } },
  ],
  ['auth.allowedHosts[0]', /got "a b"$/, { auth: { allowedHosts: 'a b,c' } }],
  ['auth.allowedHosts[0]', /got "x\.\*\.example"$/, { auth: { allowedHosts: ['x.*.example'] } }],
  [
    'auth.allowedHosts[0]',
    /got "app\.example:8080"$/,
    { auth: { allowedHosts: ['app.example:8080'] } },
  ],
  [
    'auth.registeredHosts[0]',
    /got "\*\.a\.example"$/,
    { auth: { registeredHosts: ['*.a.example'] } },
  ],
  ['auth.passTiers[0]', /got "anonymous"$/, { auth: { passTiers: ['anonymous'] } }],
  ['auth.legacyExpires', /got "2027-02-30"$/, { auth: { legacyExpires: '2027-02-30' } }],
  [
    'auth.legacyExpires',
    /got "2027-01-31T12:00"$/,
    { auth: { legacyExpires: '2027-01-31T12:00' } },
  ],
  ['auth.legacyExpires', /got 1$/, { auth: { legacyExpires: 1 } }],
  ['auth.tokens[0].sub', /it must be given$/, { auth: { tokens: [{ sha256: one }] } }],
  [
    'network.trustedProxies[0]',
    /got "0\.0\.0\.0\/0"$/,
    { network: { trustedProxies: ['0.0.0.0/0'] } },
  ],
  [
    'network.trustedProxies[0]',
    /got "::ffff:0:0\/96"$/,
    { network: { trustedProxies: ['::ffff:0:0/96'] } },
  ],
  [
    'network.trustedProxies[0]',
    /got "0::ffff:10\.0\.0\.0\/8"$/,
    { network: { trustedProxies: ['0::ffff:10.0.0.0/8'] } },
  ],
  [
    'network.trustedProxies[0]',
    /got "1\.2\.3"$/,
    { network: { trustedProxies: '1.2.3,10.0.0.1' } },
  ],
  [
    'network.trustedProxies[0]',
    /got "010\.0\.0\.0\/8"$/,
    { network: { trustedProxies: ['010.0.0.0/8'] } },
  ],
  ['network.ipv6Prefix', /from 32 to 128, got 129$/, { network: { ipv6Prefix: 129 } }],
  ['publicUrl', /got "https:\/\/x\.example\/"$/, { publicUrl: 'https://user:pass@x.example/?q=1' }],
  [
    'services[0].upstream',
    /got "ftp:\/\/x"$/,
    { services: [{ name: 'a', path: '/', upstream: 'ftp://x' }] },
  ],
  ['services[0].path', /got "\/v1"$/, { services: [{ name: 'a', path: '/v1' }] }],
  ['services[0].path', /got "\/\.\.\/"$/, { services: [{ name: 'a', path: '/../' }] }],
  [
    'services[0].costs[0].cost',
    /0 to 100, got 101$/,
    { services: [{ name: 'a', path: '/', costs: [{ path: '/', cost: 101 }] }] },
  ],
  [
    'auth.tokens[0].scope[1]',
    /expected read: or write: and one of owner\/name, owner\/\*, .*, got a text$/,
    { auth: { tokens: [{ sha256: one, sub: 'u1', scope: ['read:*', 'write:al*'] }] } },
  ],
  [
    'network.forwardedHeader',
    /list of addresses.*, got "Forwarded"$/,
    { network: { forwardedHeader: 'Forwarded' } },
  ],
  ['metrics.tokens[0]', /got a text$/, { metrics: { tokens: ['s3cr3t'] } }],
  ['log.events[0]', /got "auth"$/, { log: { events: 'auth' } }],
])('a malformed or unknown entry is refused and named: %s', (entry, message, local) => {
  const lines = failure({ local }).split('\n- ').slice(1)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`${entry} in the local file: `)
  expect(lines[0]).toMatch(message)
})

test('mistakes are found in overridden entries and in environments that are not chosen', () => {
  const wrong = { queue: { concurrency: 0 } }
  const local = { queue: { concurrency: 1 } }
  expect(failure({ shared: wrong, local })).toContain('queue.concurrency in the shared file: ')
  expect(
    failure({ shared: { environments: { staging: wrong } }, names: { shared: 'all.json' } }),
  ).toContain('queue.concurrency in all.json, environment staging: ')
  expect(failure({ process: { MODELFERRY_QUEUE_CONCURRENCY: 'many' } })).toMatch(
    /queue\.concurrency in the variable MODELFERRY_QUEUE_CONCURRENCY: .*, got "many"/,
  )
  expect(failure({ process: { MODELFERRY_BODY_TOKENS: 'yes' } })).toContain(
    'true or false, got "yes"',
  )
})

test('the chosen environment must exist, and known ones are listed', () => {
  const local = { environments: { staging: {} } }
  expect(failure({ local, environment: 'prod' })).toContain('there is no "prod"; known are staging')
  expect(failure({ process: { MODELFERRY_ENVIRONMENT: '' } })).toContain('known are none')
  expect(failure({ local: { environments: [] } })).toContain('the local file: environments: ')
  expect(failure({ local: { environments: { 'a b': {} } } })).toContain('environments["a b"]')
  expect(failure({ local: { environments: { a: 1 } } })).toContain(
    'environment a: expected an object',
  )
  expect(failure({ local: { environments: { a: { environments: {} } } } })).toContain(
    'environments in the local file, environment a: there is no such entry',
  )
})

test('an unknown variable with the prefix MODELFERRY_ is refused; others are ignored', () => {
  const message = failure({ process: { MODELFERRY_ALLOWED_HOST: 's3cr3t', PATH: '/' } })
  expect(message).toContain('the variable MODELFERRY_ALLOWED_HOST: there is no such variable')
  expect(message).not.toContain('s3cr3t')
})

test('variables that a cluster sets for a service called modelferry are ignored and reported', () => {
  const address = 'tcp://10.0.171.239:8787'
  const injected = {
    MODELFERRY_PORT: address,
    MODELFERRY_PORT_8787_TCP: address,
    MODELFERRY_PORT_8787_TCP_ADDR: '10.0.171.239',
    MODELFERRY_PORT_8787_TCP_PORT: '8787',
    MODELFERRY_PORT_8787_TCP_PROTO: 'tcp',
    MODELFERRY_SERVICE_HOST: '10.0.171.239',
    MODELFERRY_SERVICE_PORT: '8787',
    MODELFERRY_SERVICE_PORT_HTTP: '8787',
    MODELFERRY_TEXT_PORT: address,
  }
  const own = { MODELFERRY_REALM: 'models', MODELFERRY_LISTEN_PORT: '80', PATH: '/' }
  expect(loadConfig({ process: { ...injected, ...own } }).realm).toBe('models')
  expect(foreignVariables({ ...injected, ...own })).toEqual(Object.keys(injected))
  // A mistake of the operator's own has no such value.
  expect(failure({ process: { MODELFERRY_PORT: '8787' } })).toContain('MODELFERRY_PORT: there is')
})

test('all mistakes are reported at once, up to a limit', () => {
  const message = failure({ local: { realm: 1, auth: { allowedHosts: Array(20).fill(5) } } })
  expect(message.split('\n')).toHaveLength(10)
  expect(message).toContain('- and 13 more')
})

test.each<[contradiction: string, local: unknown]>([
  ['auth.legacyExpires: it must be given', { auth: { legacyTokens: [one] } }],
  ['rollout.previous.legacyExpires: it must', { rollout: { previous: { legacyTokens: [one] } } }],
  [
    'auth.tokens[1].sha256: it is the same',
    {
      auth: {
        tokens: [
          { sha256: one, sub: 'a' },
          { sha256: one, sub: 'b' },
        ],
      },
    },
  ],
  [
    'services[1].name: it is the same',
    {
      services: [
        { name: 'a', path: '/' },
        { name: 'a', path: '/a/' },
      ],
    },
  ],
  [
    'services[1].path: it is the same',
    {
      services: [
        { name: 'a', path: '/' },
        { name: 'b', path: '/' },
      ],
    },
  ],
  [
    'serviceKeys[1].keyId: it is the same',
    {
      serviceKeys: [
        { keyId: 'a', secret: long },
        { keyId: 'a', secret: long },
      ],
    },
  ],
  [
    'auth.tokens[0].sha256: it is also in auth.legacyTokens',
    {
      auth: {
        tokens: [{ sha256: one, sub: 'a' }],
        legacyTokens: [one],
        legacyExpires: '2027-01-31',
      },
    },
  ],
  [
    'services[0].costs[1].path: expected a path that begins with the service\'s, /v1/text/, got "/long/*"',
    {
      services: [
        {
          name: 'a',
          path: '/v1/text/',
          costs: [
            { path: '*/long', cost: 2 },
            { path: '/long/*', cost: 2 },
            { path: '/v1/text', cost: 1 },
          ],
        },
      ],
    },
  ],
  [
    'services[0].credential: it signs requests to an upstream',
    { services: [{ name: 'a', path: '/', credential: { keyId: 'a', secret: long } }] },
  ],
  [
    'auth.tokens[0].scope[0]: expected read: or write: and one of',
    { auth: { tokens: [{ sha256: one, sub: 'a', scope: ['admin'] }] } },
  ],
  [
    'queue.concurrency: expected a number from',
    { queue: { concurrency: 200, scaling: { mode: 'on' } } },
  ],
  [
    'auth.legacyTokens[1]: expected the digest of a secret, got that of the host app.example',
    {
      auth: {
        allowedHosts: '*.app.example',
        legacyTokens: [one, '56d982012de18edf08cf57d8d94b5e81a97199d3eb14f23b7c2b75c5c75f546d'],
        legacyExpires: '2027-01-31',
      },
    },
  ],
  [
    'auth.tokens[0].sha256: expected the digest of a secret, got that of an empty text',
    {
      auth: {
        tokens: [
          { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', sub: 'a' },
        ],
      },
    },
  ],
])('contradictory entries are refused: %s', (contradiction, local) => {
  expect(failure({ local })).toContain(contradiction)
})

test('scopes of another form are accepted where another service gets them', () => {
  const auth = { tokens: [{ sha256: one, sub: 'a', scope: ['text:generate', 'read:*'] }] }
  const credential = { keyId: 'a', secret: long }
  const text = { name: 'text', path: '/', upstream: 'http://127.0.0.1:9000', credential }
  for (const more of [{ services: [text] }, { serviceKeys: [credential] }]) {
    const config = loadConfig({ process: {}, local: { auth, ...more } })
    expect(config.auth.tokens[0]?.scope).toEqual(['text:generate', 'read:*'])
  }
})

test.each<[place: string, local: unknown]>([
  ['tokens as texts', { auth: { tokens: ['s3cr3t'] } }],
  ['a token instead of its digest', { auth: { tokens: [{ sha256: 's3cr3t', sub: 'u' }] } }],
  ['a text instead of a list', { auth: { tokens: 's3cr3t' } }],
  ['a text instead of a section', { auth: 's3cr3t' }],
  ['a legacy token', { auth: { legacyTokens: 's3cr3t,s3cr3t2' } }],
  ['a legacy token of the old rules', { rollout: { previous: { legacyTokens: ['s3cr3t'] } } }],
  ['a short secret', { auth: { introspect: { secret: 's3cr3t' } } }],
  ['a credential', { services: [{ name: 'a', path: '/', credential: 's3cr3t' }] }],
  ['a service key', { serviceKeys: [{ keyId: 's3cr3t s3cr3t', secret: 's3cr3t' }] }],
  ['a reference', { serviceKeys: [{ keyId: 'a', secret: { $env: 's3cr3t s3cr3t' } }] }],
  ['the user of an address', { publicUrl: 'https://user:s3cr3t@x.example' }],
  ['the user of a broken address', { publicUrl: 'https://user:s3cr3t@:x/' }],
  ['the query of an address', { auth: { introspect: { url: 'https://x.example?key=s3cr3t' } } }],
])('no error contains a secret: %s', (_place, local) => {
  expect(failure({ local })).not.toContain('s3cr3t')
})

test('a legacy token that is the name of a listed host is accepted only with legacyHostNames', () => {
  const sha256 = '56d982012de18edf08cf57d8d94b5e81a97199d3eb14f23b7c2b75c5c75f546d'
  const auth = {
    allowedHosts: ' APP.example., app.example,,',
    legacyTokens: [sha256],
    legacyExpires: '2027-01-31',
  }
  expect(failure({ local: { auth } })).toContain('legacyHostNames')
  const kept = loadConfig({ process: {}, local: { auth: { ...auth, legacyHostNames: true } } })
  expect(kept.auth).toMatchObject({ legacyTokens: [sha256], allowedHosts: ['app.example'] })
})

test.each([
  ['allowedHosts', '.'],
  ['allowedHosts', 'app.example, .'],
  ['registeredHosts', '.'],
])('a single dot is not a host: auth.%s %j', (entry, hosts) => {
  expect(failure({ local: { auth: { [entry]: hosts } } })).toContain(`auth.${entry}`)
})

test('slots for tokens are fewer than all slots', () => {
  const queue = { concurrency: 8, reservedForTokens: 8 }
  expect(failure({ local: { queue } })).toContain('queue.reservedForTokens: expected fewer than')
})
