import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi, describe } from 'vitest'
import { parseCommand } from './command.ts'
import { rightsOf, serve, describeUnreadable, gatewayFront, hubService } from './serve.ts'
import { sha256Hex } from '../auth/digests.ts'
import { signRequest } from '../auth/service/signatures.ts'
import { createHub } from '../hub/create-hub.ts'
import { uploadFile } from '@huggingface/hub'
import { loadConfig } from '../config/load.ts'
import { gatewayFromConfig } from '../gateway/from-config.ts'

test.each([
  ['no token', false, ['write:*'], null],
  ['a token without scopes', true, [], { read: [], write: [] }],
  [
    'a token for some repositories',
    true,
    ['read:*', 'write:me/vad', 'write:datasets/me/x', 'other', 'xread:y'],
    { read: ['*'], write: ['me/vad', 'datasets/me/x'] },
  ],
])('%s', (_, tokenAuth, scope, rights) => {
  expect(rightsOf({ tokenAuth, scope })).toEqual(rights)
})

test.each([
  ['0.0.0.0', [], 'may read every public repository'],
  ['0.0.0.0', ['--open'], 'may write and delete every repository'],
  ['127.0.0.2', ['--open'], undefined],
])('a hub without a gateway on %s with %j warns: %s', async (host, options, warning) => {
  const home = await mkdtemp(join(tmpdir(), 'modelferry-serve-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const args = ['serve', join(home, 'hub'), '--port', '0', '--host', host, ...options]
  const command = parseCommand(args)
  if (command.name !== 'serve') throw new Error(command.name)
  const notes: string[] = []
  const output = { print: () => undefined, note: (text: string) => void notes.push(text) }
  await serve(command, output, Promise.resolve())
  const warnings = notes.filter((text) => text.includes('every'))
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)])
})

test('without --config, variables of a gateway and misspelt ones are reported by name', async () => {
  const home = await mkdtemp(join(tmpdir(), 'modelferry-serve-'))
  vi.stubEnv('MODELFERRY_QUEUE_CONCURRENCY', '7s3cr3t')
  vi.stubEnv('MODELFERRY_LISTEN_PROT', '1')
  vi.stubEnv('MODELFERRY_LISTEN_HOST', '127.0.0.1')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true, force: true })
  })
  const command = parseCommand(['serve', join(home, 'hub'), '--port', '0'])
  if (command.name !== 'serve') throw new Error(command.name)
  const notes: string[] = []
  const output = { print: () => undefined, note: (text: string) => void notes.push(text) }
  await serve(command, output, Promise.resolve())
  const [ignored = ''] = notes.filter((text) => text.startsWith('Ignored'))
  expect(ignored).toContain('MODELFERRY_QUEUE_CONCURRENCY, MODELFERRY_LISTEN_PROT.')
  expect(ignored).not.toMatch(/7s3cr3t|LISTEN_HOST/)
})

describe('gatewayFront', () => {
  test('every introspection by a service is logged, without the token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
    const key = { keyId: 'text-2026', secret: 'a secret of more than thirty-two bytes' }
    const token = 'hf_somebody'
    const listed = { sha256: sha256Hex(token), sub: 'u1', keyId: 'laptop' }
    const config = join(folder, 'gateway.json')
    await writeFile(config, JSON.stringify({ auth: { tokens: [listed] }, serviceKeys: [key] }))
    const lines: string[] = []
    const gateway = await gatewayFront(
      { config },
      { print: (line) => void lines.push(line), note: () => undefined },
    )
    const hub = await createHub({ folder: join(folder, 'hub') })
    onTestFinished(async () => {
      gateway.close()
      hub.close()
      await rm(folder, { recursive: true, force: true })
    })
    const answer = gateway.front(async () => new Response(), hub)
    const url = 'https://gateway.example/v1/introspect'
    const body = JSON.stringify({ token })
    const json = { 'content-type': 'application/json' }
    const signed = signRequest({ method: 'POST', url, body }, key)
    const ask = (headers: Record<string, string>): Promise<Response> =>
      answer(new Request(url, { method: 'POST', headers, body }), { peer: '198.51.100.7' })

    expect((await ask({ ...json, ...signed })).status).toBe(200)
    expect((await ask(json)).status).toBe(401)
    const event = 'service.introspect'
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        event,
        keyId: 'text-2026',
        result: 'active',
        tokenKeyId: 'laptop',
      }),
      expect.objectContaining({ event, keyId: null, result: 'unauthenticated', tokenKeyId: null }),
    ])
    expect(lines.join()).toMatch(/"ts":"\d{4}-\d\d-\d\dT/)
    expect(lines.join()).not.toContain(token)
  })

  test('a refused reload says that the server runs on, and not that it did not start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
    const config = join(folder, 'gateway.json')
    await writeFile(config, '{}')
    const notes: string[] = []
    const gateway = await gatewayFront(
      { config },
      { print: () => undefined, note: (line) => void notes.push(line) },
    )
    onTestFinished(async () => {
      gateway.close()
      await rm(folder, { recursive: true, force: true })
    })
    const hub = await createHub({ folder: join(folder, 'hub') })
    onTestFinished(() => hub.close())
    gateway.front(async () => new Response(), hub)
    for (const text of ['{ "realm": }', '{ "relam": "x" }', '{ "queue": { "concurrency": 0 } }']) {
      await writeFile(config, text)
      await gateway.reload()
      const note = notes.pop()
      expect(note).toMatch(/keeps its previous configuration and runs on; .*send SIGHUP again/)
      expect(note).not.toMatch(/nothing was started|start again/)
    }
  })

  test('a configuration that is read again before the hub listens is the one it starts with, and the newest one stays', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
    const config = join(folder, 'gateway.json')
    const listing = (token: string): string =>
      JSON.stringify({ auth: { tokens: [{ sha256: sha256Hex(token), sub: 'u1', keyId: 'k' }] } })
    await writeFile(config, listing('hf_first'))
    const output = { print: () => undefined, note: () => undefined }
    const gateway = await gatewayFront({ config }, output)
    const hub = await createHub({ folder: join(folder, 'hub') })
    onTestFinished(async () => {
      gateway.close()
      hub.close()
      await rm(folder, { recursive: true, force: true })
    })
    await writeFile(config, listing('hf_second'))
    await gateway.reload()
    const answer = gateway.front(async () => new Response(), hub)
    const statusOf = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` }
      const request = new Request('https://gateway.example/api/models/a/b', { headers })
      return (await answer(request, { peer: '198.51.100.7' })).status
    }
    expect(await statusOf('hf_first')).toBe(401)
    expect(await statusOf('hf_second')).toBe(200)

    const earlier = gateway.reload()
    await writeFile(config, listing('hf_third'))
    await Promise.all([earlier, gateway.reload()])
    expect(await statusOf('hf_third')).toBe(200)
  })

  test('a configuration that cannot be read is refused with its path and the reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const output = { print: () => undefined, note: () => undefined }
    const missing = join(folder, 'gateway.json')
    await expect(gatewayFront({ config: missing }, output)).rejects.toThrow(
      `The configuration ${missing}: there is no such file.`,
    )
    await expect(gatewayFront({ config: folder }, output)).rejects.toThrow('it is a folder')
    expect(describeUnreadable('EACCES', 'ada')).toContain('the user ada may not read it')
  })

  test('a publicUrl that contradicts --url is reported', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-front-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const config = join(folder, 'gateway.json')
    await writeFile(config, '{ "publicUrl": "https://a.example/" }')
    const notesOf = async (url?: string): Promise<string[]> => {
      const notes: string[] = []
      const note = (line: string): void => void notes.push(line)
      const gateway = await gatewayFront({ config }, { print: () => undefined, note }, url)
      gateway.close()
      return notes
    }
    expect(await notesOf()).toEqual([])
    expect(await notesOf('https://a.example')).toEqual([])
    expect(await notesOf('https://b.example')).toEqual([
      'publicUrl is https://a.example, but --url is https://b.example, which counts. Remove one of them.',
    ])
  })
})

describe('hubService', () => {
  const at = (path: string): Request => new Request(`http://hub.example${path}`)

  test('what loads a file costs no start, however its path is encoded; the log gets no names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-service-'))
    const hub = await createHub({ folder })
    onTestFinished(async () => {
      hub.close()
      await rm(folder, { recursive: true, force: true })
    })
    const service = hubService(async () => new Response(), hub)
    for (const [path, cost, route] of [
      ['/me/vad/resolve/main/onnx/model.onnx', 0, 'resolve'],
      ['/datasets/me/vad/raw/main/a.json', 0, 'raw'],
      ['/me/vad.git/info/lfs/objects/batch', 0, 'batch'],
      ['/api/models/me/vad/tree/main?recursive=true', 1, 'tree'],
      ['/%61pi/models/me/vad/tree/main', 1, 'tree'],
      ['/api/models/me/vad/xet-read-token/main', 0, 'token'],
      ['/api/models/me/vad/commit/main', 1, 'commit'],
      ['/api/models/me/vad', 1, 'revision'],
      ['/v2/reconstructions/abc', 0, 'reconstruction'],
      ['/v1/shards', 0, 'shard'],
      ['/v1/chunks/default/abc', 1, 'chunk'],
      ['/v1/elsewhere', 1, 'unknown'],
      ['/api/models/me/vad/tree/main/xet-read-token/x', 1, 'tree'],
      ['/secret-name/elsewhere', 1, 'unknown'],
    ] as const) {
      expect([service.cost!(at(path)), service.route!(at(path))], path).toEqual([cost, route])
    }
    expect(service.streams!(at('/v1/shards'))).toBe(true)
    expect(service.streams!(at('/api/repos/create'))).toBe(false)
  })

  const hubUrl = 'https://gateway.example'
  const accessToken = 'hf_tester'
  const owner = { sha256: sha256Hex(accessToken), sub: 'u1', tier: 'nectar', scope: ['write:*'] }

  async function gatedHub(more: object = {}): Promise<typeof globalThis.fetch> {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-service-'))
    const hub = await createHub({ folder })
    const gateway = gatewayFromConfig(
      loadConfig({ process: {}, local: { auth: { tokens: [owner] }, ...more } }),
      {
        hub: hubService((request, caller) => hub.fetch(request, caller), hub),
        write: () => undefined,
      },
    )
    onTestFinished(async () => {
      gateway.close()
      hub.close()
      await rm(folder, { recursive: true, force: true })
    })
    const ask: typeof globalThis.fetch = (input, init) =>
      gateway.fetch(new Request(input, init), { peer: '198.51.100.7' })
    const file = { path: 'config.json', content: new Blob(['{}']) }
    await uploadFile({ repo: 'me/vad', hubUrl, accessToken, fetch: ask, file })
    return ask
  }

  /** A CAS token of the owner of the private repository. */
  async function casTokenOf(
    fetch: typeof globalThis.fetch,
    kind: 'read' | 'write',
  ): Promise<string> {
    const headers = { authorization: `Bearer ${accessToken}` }
    const response = await fetch(`${hubUrl}/api/models/me/vad/xet-${kind}-token/main`, { headers })
    const { accessToken: token } = (await response.json()) as { accessToken: string }
    return token
  }

  test('a CAS token authenticates its owner on CAS paths only', async () => {
    const fetch = await gatedHub()
    const casToken = await casTokenOf(fetch, 'read')
    const headers = { authorization: `Bearer ${casToken}` }
    const hash = '0'.repeat(64)
    const chunk = await fetch(`${hubUrl}/v1/chunks/default/${hash}`, { headers })
    expect([chunk.status, chunk.headers.get('x-auth-result')]).toEqual([404, 'DB_TOKEN'])
    const commit = { method: 'POST', headers, body: '{"key":"header","value":{"summary":"x"}}' }
    for (const [path, init] of [
      ['/api/models/me/vad/xet-read-token/main', { headers }],
      ['/api/models/me/vad/xet-write-token/main', { headers }],
      ['/api/models/me/vad/commit/main', commit],
      ['/v1/chunks/resolve/main/config.json', { headers }],
      ['/me/vad/resolve/main/config.json', { headers }],
    ] as const) {
      expect((await fetch(hubUrl + path, init)).status, path).toBe(401)
    }
  })

  test('a token with 5000 scopes uploads: the CAS token that it gets stays short', async () => {
    const scope = [
      'write:me/vad',
      ...Array.from({ length: 4999 }, (_, at) => `write:me/model-${at}`),
    ]
    const fetch = await gatedHub({ auth: { tokens: [{ ...owner, scope }] } })
    const headers = { authorization: `Bearer ${accessToken}` }
    const response = await fetch(`${hubUrl}/api/models/me/vad/xet-write-token/main`, { headers })
    const { accessToken: casToken } = (await response.json()) as { accessToken: string }
    expect(casToken.length).toBeLessThan(2000)
    const carried = await fetch(`${hubUrl}/v1/chunks/default/${'0'.repeat(64)}`, {
      headers: { authorization: `Bearer ${casToken}` },
    })
    expect(carried.headers.get('x-auth-result')).toBe('DB_TOKEN')
    const file = { path: 'weights.bin', content: new Blob([new Uint8Array(300_000).fill(7)]) }
    await uploadFile({ repo: 'me/vad', hubUrl, accessToken, fetch, file, useXet: true })
    const stored = await fetch(`${hubUrl}/me/vad/resolve/main/weights.bin`, { method: 'HEAD' })
    expect(stored.status).toBeLessThan(400)
  })

  test('another scheme is not a credential, as in the gateway', async () => {
    const fetch = await gatedHub()
    const url = `${hubUrl}/me/vad/resolve/main/config.json`
    const response = await fetch(url, { headers: { authorization: 'Basic dXNlcjpwdw==' } })
    expect([response.status, response.headers.get('x-auth-result')]).toEqual([200, 'NONE'])
  })

  test.each([
    { mode: 'off' },
    { mode: 'shadow' },
    { mode: 'enforce', percent: 0 },
    { mode: 'shadow', previous: { tokens: [owner] } },
    { mode: 'enforce', percent: 50, previous: { tokens: [owner] } },
    { mode: 'enforce' },
  ])(
    'an invented token writes nothing, and a known one what its scopes allow: rollout %j',
    async (rollout) => {
      const fetch = await gatedHub({ rollout })
      const create = async (token: string, name: string): Promise<number> => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
        const body = JSON.stringify({ type: 'model', name, organization: 'me' })
        return (await fetch(`${hubUrl}/api/repos/create`, { method: 'POST', headers, body })).status
      }
      expect(await create('hf_made_up', 'stolen')).toBe(401)
      const commit = {
        method: 'POST',
        headers: { authorization: 'Bearer hf_made_up', 'content-type': 'application/x-ndjson' },
        body: '{"key":"header","value":{"summary":"x"}}\n{"key":"deletedFile","value":{"path":"config.json"}}',
      }
      expect((await fetch(`${hubUrl}/api/models/me/vad/commit/main`, commit)).status).toBe(401)
      expect(await create(accessToken, 'mine')).toBe(200)
      expect((await fetch(`${hubUrl}/me/vad/resolve/main/config.json`)).status).toBe(200)
    },
  )

  test('telemetry and other optional calls of clients never wait, take no start and have a small body', async () => {
    const tiers = { anonymous: { intervalSeconds: 60, concurrency: 1, maxWaiting: 0 } }
    const fetch = await gatedHub({ tiers })
    const post = (body: BodyInit): RequestInit =>
      ({ method: 'POST', body, duplex: 'half' }) as object
    const statusOf = async (path: string, init?: RequestInit): Promise<number> =>
      (await fetch(hubUrl + path, init)).status
    for (let round = 0; round < 3; round++) {
      expect(await statusOf('/v1/telemetry', post('{}'))).toBe(204)
      expect(await statusOf('/api/telemetry/snapshot_download', { method: 'HEAD' })).toBe(204)
      expect(await statusOf('/api/agent-harnesses')).toBe(404)
      expect(await statusOf('/v1/xorb-grants', post('{}'))).toBe(404)
    }
    // The start of this minute is still there, and only one.
    expect(await statusOf('/api/models/me/vad')).toBe(200)
    expect(await statusOf('/api/models/me/vad')).toBe(429)
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(16_384))
      },
    })
    expect(await statusOf('/v1/telemetry', post(endless))).toBe(413)
    expect(pulled).toBeLessThan(10)
  })

  test('any CAS token reaches the hub on paths that the hub does not know, so that clients fall back', async () => {
    const fetch = await gatedHub()
    const casToken = await casTokenOf(fetch, 'write')
    const headers = { authorization: `Bearer ${casToken}`, 'content-type': 'application/json' }
    const grants = await fetch(`${hubUrl}/v1/xorb-grants`, { method: 'POST', headers, body: '{}' })
    expect(grants.status).toBe(404)
    const other = await fetch(`${hubUrl}/v2/shards`, { method: 'POST', headers, body: 'x' })
    expect(other.status).toBe(404)
  })
})
