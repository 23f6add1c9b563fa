import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, describe } from 'vitest'
import { createApp } from './app.ts'
import { createHub } from './create-hub.ts'
import { createFaults } from './faults.ts'
import { createLog, type RequestKind } from './log.ts'
import { routeOf } from './routing.ts'
import { putModel } from './testing/putModel.ts'
import { reconstruct } from './testing/reconstruct.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { Hub } from './hub.ts'

const hash = '0a'.repeat(32)
const tiny = { repo: 'me/tiny' }
const model = { type: 'models', ...tiny }
const dataset = { type: 'datasets', repo: 'tiny' }
const { take } = createFaults()
const { follow } = createLog()
const control = async (): Promise<Response> => new Response()
const closing = new AbortController().signal
const app = createApp({ take, follow, control, apart: false, hosts: [], open: false, closing })

async function openHub(): Promise<Hub> {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-hub-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return createHub({ folder })
}

type Row = [method: string, path: string, kind: RequestKind, params: Record<string, string>]
test.each<Row>([
  [
    'GET',
    '/me/tiny/resolve/main/a/b.onnx',
    'resolve',
    { ...tiny, revision: 'main', path: 'a/b.onnx' },
  ],
  [
    'GET',
    '/me/tiny/raw/refs%2Fpr%2F1/a%20b',
    'raw',
    { ...tiny, revision: 'refs/pr/1', path: 'a b' },
  ],
  [
    'GET',
    '/datasets/tiny/resolve/refs%2Fheads%2Fx/a',
    'resolve',
    { ...dataset, revision: 'refs/heads/x', path: 'a' },
  ],
  [
    'HEAD',
    '/me/tiny/resolve/main/resolve/raw',
    'resolve',
    { ...tiny, revision: 'main', path: 'resolve/raw' },
  ],
  ['POST', '/me/tiny.git/info/lfs/objects/batch', 'batch', tiny],
  ['POST', '/datasets/tiny.git/info/lfs/objects/batch', 'batch', dataset],
  ['GET', '/api/models/me/tiny', 'revision', model],
  ['GET', '/%61pi/models/me/tiny', 'revision', model],
  ['GET', '/api/models/me/tiny/revision/x%2Fy', 'revision', { ...model, revision: 'x/y' }],
  ['GET', '/api/datasets/tiny/tree/main', 'tree', { ...dataset, revision: 'main' }],
  ['GET', '/api/models/me/tiny/tree/main/a/b', 'tree', { ...model, revision: 'main', path: 'a/b' }],
  ['POST', '/api/models/me/tiny/paths-info/main', 'paths-info', { ...model, revision: 'main' }],
  ['POST', '/api/models/me/tiny/preupload/main', 'preupload', { ...model, revision: 'main' }],
  ['POST', '/api/models/me/tiny/commit/main', 'commit', { ...model, revision: 'main' }],
  ['GET', '/api/models/me/tiny/xet-read-token/main', 'token', { ...model, revision: 'main' }],
  ['GET', '/api/models/me/tiny/xet-write-token/main', 'token', { ...model, revision: 'main' }],
  ['POST', '/api/repos/create', 'create-repo', {}],
  ['DELETE', '/api/repos/delete', 'delete-repo', {}],
  ['POST', '/api/repos/move', 'move-repo', {}],
  ['GET', '/api/models', 'list-repos', { type: 'models' }],
  ['GET', '/api/models/me/tiny/refs', 'refs', model],
  ['DELETE', '/api/models/me/tiny/branch/refs%2Fpr%2F1', 'refs', { ...model, ref: 'refs/pr/1' }],
  ['POST', '/api/models/me/tiny/tag/main', 'refs', { ...model, ref: 'main' }],
  ['GET', '/api/models/me/tiny/commits/main', 'commits', { ...model, revision: 'main' }],
  ['GET', '/api/models/me/tiny/lfs-files', 'lfs-files', model],
  ['GET', `/v1/reconstructions/${hash}`, 'reconstruction', { hash }],
  ['GET', `/v2/reconstructions/${hash}`, 'reconstruction', { hash }],
  ['GET', `/v1/chunks/default-merkledb/${hash}`, 'chunk', { prefix: 'default-merkledb', hash }],
  ['POST', `/v1/xorbs/default/${hash}`, 'xorb-upload', { prefix: 'default', hash }],
  ['HEAD', `/v1/files/${hash}`, 'file', { hash }],
  ['POST', '/v2/shards', 'shard', {}],
  ['GET', `/xorbs/default/${hash}`, 'xorb', { prefix: 'default', hash }],
  ['PUT', `/lfs/${hash}/for/me%2Ftiny/1a`, 'lfs', { hash, repo: 'me/tiny', generation: '1a' }],
  ['GET', `/lfs/${hash}/as/a.bin`, 'lfs', { hash, name: 'a.bin' }],
  ['DELETE', '/-/faults', 'control', { action: 'faults' }],
  ['GET', '/', 'unknown', {}],
  ['GET', '/me/tiny', 'unknown', {}],
  ['GET', '/me/tiny/resolve/main', 'listing', { repo: 'me/tiny', revision: 'main' }],
  ['GET', '/api/models/a/b/c', 'unknown', {}],
  ['POST', '/v1/xorb-grants', 'optional', {}],
  ['POST', '/v1/telemetry', 'optional', {}],
  ['HEAD', '/api/telemetry/hf_hub/x', 'optional', { topic: 'hf_hub/x' }],
  ['GET', '/api/agent-harnesses', 'optional', {}],
])('%s %s is of kind %s', (method, path, kind, params) => {
  const route = routeOf(app, method, path)
  const decoded = Object.entries(route.params).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, decodeURIComponent(value)]],
  )
  expect([route.kind, Object.fromEntries(decoded)]).toEqual([kind, params])
})

test.each([
  ['/me/tiny/resolve/main/..%2f..%2fsecrets.json', 400],
  // A URL parser resolves these dot segments, so another path is requested.
  ['/me/tiny/resolve/main/a/%2e%2e/b', 401],
  ['/me/tiny/resolve/main/%2Fetc%2Fpasswd', 400],
  ['/me/tiny/resolve/main/a%5C..%5Cb', 400],
  ['/me/tiny/resolve/main/a%00b', 400],
  ['/me/tiny/resolve/main//a', 400],
  [`/me/tiny/resolve/main/${'a'.repeat(1100)}`, 400],
  [`/me/tiny/resolve/main/${'a'.repeat(5000)}`, 414],
  ['/me/tiny/resolve/..%2f..%2fx/a', 404],
  ['/me/tiny/resolve/%zz/a', 400],
  ['/..%2f..%2fetc/tiny/resolve/main/a', 400],
  ['/a/b%2f..%2fc/resolve/main/a', 400],
  ['/api/models/%2e%2e/tiny/tree/main', 404],
  ['/api/models/a/b/c', 404],
  ['/api/nothing', 404],
  ['/v1/chunks/default/..%2f..%2fsecrets.json', 400],
  [`/v1/chunks/default/${hash.toUpperCase()}`, 400],
  ['/lfs/..%2fsecrets.json', 404],
  ['/lfs/..%2fsecrets.json/as/a', 400],
])('%s is refused with %i', async (path, status) => {
  const hub = await openHub()
  const response = await hub.fetch(new Request(`http://127.0.0.1${path}`))
  expect([response.status, response.headers.get('content-type')]).toEqual([
    status,
    'application/json; charset=utf-8',
  ])
})

test('every unknown path is refused without an error of the hub', async () => {
  const hub = await openHub()
  const part = fc.oneof(
    fc.constantFrom(
      'api',
      'models',
      'datasets',
      'me',
      'tiny',
      'resolve',
      'main',
      'v1',
      'tree',
      '..',
      '%2e%2e',
      '%2f',
      hash,
    ),
    fc.string({ maxLength: 6, unit: 'binary' }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
      const request = new Request(`http://127.0.0.1/${parts.join('/')}`)
      const { status } = await hub.fetch(request)
      const list = /^\/api\/(models|datasets)$/.test(new URL(request.url).pathname)
      expect(status).toBeGreaterThanOrEqual(list ? 200 : 400)
      expect(status).toBeLessThan(500)
    }),
  )
})

test('an unsupported method is answered with the supported ones', async () => {
  const hub = await openHub()
  const ask = async (method: string, path: string): Promise<[number, string | null]> => {
    const { status, headers } = await hub.fetch(new Request(`http://127.0.0.1${path}`, { method }))
    return [status, headers.get('allow')]
  }
  expect(await ask('POST', '/api/models/me/tiny')).toEqual([405, 'GET, HEAD'])
  expect(await ask('DELETE', `/lfs/${hash}/as/a`)).toEqual([405, 'GET, HEAD'])
  expect(await ask('GET', `/v1/files/${hash}`)).toEqual([405, 'HEAD'])
  expect(await ask('GET', '/v1/shards')).toEqual([405, 'POST'])
  expect(await ask('PATCH', '/v1/shards')).toEqual([405, 'POST'])
})

describe('cors', () => {
  const origin = 'https://page.example'
  const file = '/me/vad/resolve/main/model.onnx'

  function preflight(url: string, method: string, headers: string): Promise<Response> {
    return fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': headers,
      },
    })
  }

  test('the hub echoes the origin and exposes only the headers of the real one', async () => {
    const hub = await startTestHub()
    await putModel(hub)
    const { headers } = await hub.get(file, { headers: { origin } })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('vary')).toBe('Origin, Accept')
    const exposed = headers.get('access-control-expose-headers')!.toLowerCase().split(', ')
    expect(exposed).toContain('link')
    for (const name of ['x-xet-refresh-route', 'ratelimit', 'date', 'location', 'content-length']) {
      expect(exposed).not.toContain(name)
    }
    expect((await hub.get(file)).headers.has('access-control-allow-origin')).toBe(false)
  })

  test('errors carry CORS headers, unless they are configured to be opaque', async () => {
    const hub = await startTestHub()
    await putModel(hub)
    const { url } = await reconstruct(hub)
    const origins = async (): Promise<(string | null)[]> =>
      Promise.all(
        [`${hub.url}/me/vad/resolve/main/none`, `${hub.url}/%zz`, url].map(async (target) => {
          const response = await fetch(target, { headers: { origin } })
          expect(response.status).toBeGreaterThanOrEqual(400)
          return response.headers.get('access-control-allow-origin')
        }),
      )
    expect(await origins()).toEqual([origin, origin, '*'])
    hub.hub.configure({ corsOnErrors: false })
    expect(await origins()).toEqual([null, null, null])
    expect(
      (await hub.get(file, { headers: { origin } })).headers.has('access-control-allow-origin'),
    ).toBe(true)
  })

  test('storage allows all origins and exposes all headers, but accepts no token', async () => {
    const hub = await startTestHub()
    await putModel(hub)
    const { url, range } = await reconstruct(hub)
    const { headers } = await fetch(url, { headers: { range, origin } })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toBe('*')
    expect((await preflight(url, 'GET', 'range')).status).toBe(204)
    const refused = await preflight(url, 'GET', 'authorization, range')
    expect(refused.status).toBe(403)
    expect(refused.headers.has('access-control-allow-origin')).toBe(false)
  })

  test('the hub allows the headers of its clients and no others', async () => {
    const hub = await startTestHub()
    const allowed = await preflight(hub.url + file, 'GET', 'authorization,range')
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin)
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization')
    expect(allowed.headers.get('access-control-max-age')).toBe('86400')
    expect((await preflight(hub.url + file, 'GET', 'x-app-id')).status).toBe(403)
    expect((await preflight(hub.url + file, 'TRACE', '')).status).toBe(403)
  })
})
