import { expect, test } from 'vitest'
import { sha256Hex } from '../auth/digests.ts'
import { signRequest } from '../auth/service/signatures.ts'
import { loadConfig } from '../config/load.ts'
import type { LogLine } from '../log/log.ts'
import { gatewayFromConfig } from './from-config.ts'
import { isPublicSuffix } from './auth-from-config.ts'

const secret = 'service-secret-of-32-bytes-or-so'
const base = {
  realm: 'models',
  auth: {
    tokens: [{ sha256: sha256Hex('tokseed00'), sub: 'u1', tier: 'seed' }],
    allowedHosts: ['app.example'],
  },
  network: { trustedProxies: ['10.0.0.0/8'] },
  services: [
    { name: 'hub', path: '/', costs: [{ path: '/free/*', cost: 0 }] },
    { name: 'text', path: '/text/', upstream: 'https://text.internal' },
  ],
  serviceKeys: [{ keyId: 'edge', secret }],
}
const configOf = (more: object = {}) => loadConfig({ process: {}, local: { ...base, ...more } })

function made(more: object = {}, parts: Partial<Parameters<typeof gatewayFromConfig>[1]> = {}) {
  const lines: LogLine[] = []
  const gateway = gatewayFromConfig(configOf(more), {
    hub: { handle: async (request) => new Response(request.url) },
    write: (text) => void lines.push(JSON.parse(text) as LogLine),
    fetch: async (url) => new Response(`text: ${url}`),
    ...parts,
  })
  const ask = (path: string, init: RequestInit = {}, peer = '203.0.113.7') =>
    gateway.fetch(new Request(`https://gateway.example${path}`, init), { peer })
  return { gateway, lines, ask }
}
const seed = { headers: { authorization: 'Bearer tokseed00' } }

test.each([
  [
    'a proxy on this machine',
    '127.0.0.1',
    undefined,
    'x-forwarded-for',
    [],
    'this machine (127.0.0.1)',
  ],
  ['an IPv4-mapped peer', '::ffff:127.0.0.1', undefined, 'forwarded', [], 'network.trustedProxies'],
  [
    'a remote peer behind TLS',
    '172.17.0.2',
    'https://a.example',
    'x-forwarded-for',
    [],
    'an address',
  ],
  ['a remote peer without TLS', '172.17.0.2', 'http://a.example', 'x-forwarded-for', [], undefined],
  ['a trusted proxy', '127.0.0.1', undefined, 'x-forwarded-for', ['127.0.0.1'], undefined],
  ['no header of a proxy', '127.0.0.1', 'https://a.example', 'accept', [], undefined],
] as const)(
  'a forgotten trusted proxy is reported once for each configuration: %s',
  async (_, peer, url, header, trustedProxies, warning) => {
    const notes: string[] = []
    const network = { trustedProxies }
    const { gateway, ask } = made(
      { network },
      { note: (note) => void notes.push(note), ...(url && { url }) },
    )
    const expected = warning === undefined ? [] : [expect.stringContaining(warning)]
    const headers = { [header]: '198.51.100.9', cookie: 's3cr3t' }
    // The body is read: it holds the slot.
    const answer = async (): Promise<string> => (await ask('/free/a', { headers }, peer)).text()
    for (let round = 0; round < 3; round++) await answer()
    expect(notes).toEqual(expected)
    expect(notes.join()).not.toMatch(/198\.51|s3cr3t|172\.17/)
    gateway.reload(configOf({ network }))
    await answer()
    expect(notes).toEqual([...expected, ...expected])
  },
)

test('two services, one decision, one queue, one log, one policy', async () => {
  const { gateway, lines, ask } = made()
  expect(await (await ask('/a', seed)).text()).toBe('https://gateway.example/a')
  expect(await (await ask('/text/b', seed)).text()).toBe('text: https://text.internal/b')
  expect((await ask('/a', { headers: { authorization: 'Bearer bad' } })).status).toBe(401)
  expect(lines.map(({ event }) => event).filter((event) => event === 'request.end')).toHaveLength(3)
  expect(lines.filter(({ service }) => service === 'text')).toHaveLength(4)
  expect(await (await ask('/.well-known/modelferry-policy')).json()).toMatchObject({
    realm: 'models',
    tiers: { anonymous: { q: 1, w: 6 } },
  })
  const counters = await gateway.metrics(new Request('http://localhost/metrics'))
  expect(await counters.text()).toContain('auth_decisions_total{reason="DB_TOKEN"} 2')
  expect(gateway.usage().subjects).toMatchObject([{ subject: 'u1', requests: 2, rejected: 0 }])
  expect(gateway.usage().others).toMatchObject({ requests: 1, rejected: 1 })
  gateway.close()
})

test('the log has the code or the name of the error for which a service failed, without its message', async () => {
  const broken = new ReadableStream({
    pull: () => Promise.reject(new RangeError('of secret.bin')),
  })
  const { lines, ask, gateway } = made(
    { log: { events: ['request.end'] } },
    {
      hub: {
        handle: async ({ url }) => {
          if (url.endsWith('/free/cut')) return new Response(broken)
          throw new RangeError('of secret.bin')
        },
      },
      fetch: async () => {
        const cause = Object.assign(new Error('connect 10.1.2.3'), { code: 'ECONNREFUSED' })
        throw new TypeError('fetch failed', { cause })
      },
    },
  )
  const unreachable = await ask('/text/x', seed)
  const length = Number(unreachable.headers.get('content-length'))
  expect([unreachable.status, (await unreachable.arrayBuffer()).byteLength]).toEqual([502, length])
  expect((await ask('/free/x', seed)).status).toBe(500)
  await expect((await ask('/free/cut', seed)).text()).rejects.toThrow()
  expect(lines.map(({ status, error }) => [status, error])).toEqual([
    [502, 'ECONNREFUSED'],
    [500, 'RangeError'],
    [200, 'RangeError'],
  ])
  expect(JSON.stringify(lines)).not.toMatch(/secret\.bin|10\.1\.2\.3/)
  gateway.close()
})

test('a network has the same hash in the log after the configuration was reloaded', async () => {
  const { lines, ask, gateway } = made({ log: { events: ['request.end'] } })
  await (await ask('/free/x')).text()
  gateway.reload(configOf({ log: { events: ['request.end'] }, realm: 'other' }))
  await (await ask('/free/x')).text()
  expect(lines[0]!.netHash).toMatch(/^[0-9a-f]{16}$/)
  expect(lines[1]!.netHash).toBe(lines[0]!.netHash)
  gateway.close()
})

test('costs, the public URL and the logged events are as configured', async () => {
  const { lines, ask, gateway } = made({ log: { events: ['request.end'] } })
  for (let each = 0; each < 5; each++) await (await ask('/free/x')).text()
  expect(lines.map(({ event }) => event)).toEqual(Array(5).fill('request.end'))
  const forwarded = {
    headers: { 'x-forwarded-host': 'models.example', 'x-forwarded-for': '1.1.1.1' },
  }
  expect(await (await ask('/free/y', forwarded, '10.0.0.1')).text()).toBe(
    'https://models.example/free/y',
  )
  expect(await (await ask('/free/y', forwarded)).text()).toBe('https://gateway.example/free/y')
  gateway.close()
})

test('services with a key may introspect tokens', async () => {
  const { ask, gateway } = made()
  const url = 'https://gateway.example/v1/introspect'
  const body = JSON.stringify({ token: 'tokseed00' })
  const signed = signRequest({ method: 'POST', url, body }, { keyId: 'edge', secret })
  const headers = { ...signed, 'content-type': 'application/json' }
  const answer = await ask('/v1/introspect', { method: 'POST', body, headers })
  expect(await answer.json()).toMatchObject({ active: true, sub: 'u1', tier: 'seed' })
  expect((await ask('/v1/introspect', { method: 'POST', body })).status).toBe(401)
  gateway.close()
})

test('another configuration is applied completely, and an invalid one not at all', async () => {
  const { ask, gateway } = made()
  const other = { headers: { authorization: 'Bearer tokother0' } }
  expect((await ask('/a', other)).status).toBe(401)
  const auth = { tokens: [{ sha256: sha256Hex('tokother0'), sub: 'u7' }] }
  gateway.reload(configOf({ auth, queue: { concurrency: 5 } }))
  expect((await ask('/a', other)).status).toBe(200)
  expect((await ask('/a', seed)).status).toBe(401)
  expect(gateway.queue.totals.limit).toBe(5)

  expect(() => gateway.reload(configOf({ queue: { maxKeys: 5 } }))).toThrow('queue.maxKeys')
  const invalid = { ...configOf(), services: [{ ...configOf().services[0]!, path: 'x' }] }
  expect(() => gateway.reload(invalid)).toThrow('"x"')
  expect((await ask('/a', other)).status).toBe(200)

  gateway.setRollout({ mode: 'off' })
  expect((await ask('/a', seed)).status).toBe(200)
  gateway.reload(configOf())
  expect((await ask('/a', other)).status).toBe(401)
  gateway.close()
  expect((await ask('/b', seed)).status).toBe(503)
})

test('unlisted tokens are introspected, and cached verdicts survive a reload', async () => {
  let asked = 0
  const introspect = { url: 'https://auth.internal/v1/introspect', keyId: 'k', secret }
  const config = configOf({ auth: { ...base.auth, introspect } })
  const gateway = gatewayFromConfig(config, {
    hub: { handle: async () => new Response('ok') },
    write: () => undefined,
    fetch: async () => {
      asked++
      return Response.json({ active: true, sub: 'u5', tier: 'flower', cacheTtl: 60 })
    },
  })
  const ask = async () => {
    const headers = { authorization: 'Bearer elsewhere0' }
    const request = new Request('https://gateway.example/', { headers })
    return (await gateway.fetch(request, { peer: null })).status
  }
  expect([await ask(), await ask(), asked]).toEqual([200, 200, 1])
  gateway.reload(configOf({ auth: { ...base.auth, introspect }, realm: 'other' }))
  expect([await ask(), asked]).toEqual([200, 1])
  gateway.close()
})

test('the limit follows the load when scaling is on', async () => {
  let now = 0
  const notes: string[] = []
  const scaling = { mode: 'on', windowMs: 1000, cooldownWindows: 0 }
  const gateway = gatewayFromConfig(configOf({ queue: { concurrency: 20, scaling } }), {
    hub: { handle: async () => new Response(null, { status: 503 }), cost: () => 0 },
    write: () => undefined,
    note: (message) => void notes.push(message),
    clock: { now: () => now, sleep: () => new Promise(() => undefined) },
  })
  const ask = () => gateway.fetch(new Request('https://gateway.example/'), { peer: null })
  await ask()
  now = 1001
  await ask()
  expect(gateway.queue.totals.limit).toBe(18)
  expect(notes).toEqual(["The queue's limit goes from 20 to 18: overload."])
  const other = configOf({ queue: { concurrency: 30, scaling } })
  expect(() => gateway.reload(other)).toThrow('queue.concurrency')
  gateway.reload(configOf({ queue: { concurrency: 20, scaling }, realm: 'other' }))
  expect(gateway.queue.totals.limit).toBe(18)
  gateway.close()
})

test('a service without upstream and hub is refused at start', () => {
  expect(() => gatewayFromConfig(configOf(), { write: () => undefined })).toThrow('"hub"')
})

test.each([
  ['com', true],
  ['co.uk', true],
  ['github.io', true],
  ['user.github.io', false],
  ['app.example', false],
  ['localhost', false],
  ['intranet', false],
])('%s is a public suffix: %s', (host, is) => {
  expect(isPublicSuffix(host)).toBe(is)
})

test('a wildcard over a public suffix is refused at start', () => {
  const wide = { auth: { ...base.auth, allowedHosts: ['*.github.io'] } }
  expect(() => made(wide)).toThrow('github.io')
})
