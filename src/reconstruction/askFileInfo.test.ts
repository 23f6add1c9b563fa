import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { defaultRetry } from '../net/net.ts'
import { netOf } from '../net/testing/netOf.ts'
import { askFileInfo } from './file-info.ts'
import type { FileAnswer } from './file-info.ts'
import type { FileInfo } from '../protocol/files.ts'

const hash = 'f'.repeat(64)
const sha256 = 'd'.repeat(64)
const net = netOf({
  fetch: (url, init) => fetch(url, init),
  retry: { ...defaultRetry, attempts: 3 },
})
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server on an origin of its own, which remembers what it was asked. */
async function serve(
  listener: RequestListener,
): Promise<{ origin: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    listener(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function ask(url: string, authorization?: string): Promise<FileAnswer> {
  return await askFileInfo({ ...net, url, authorization })
}

async function infoOf(url: string): Promise<FileInfo> {
  const answer = await ask(url)
  if ('refusal' in answer) throw new Error(`refused with ${answer.refusal.status}`)
  return answer.info
}

const xetHeaders = {
  'content-type': 'application/vnd.xet-fileinfo+json',
  'x-linked-size': '12345',
  'x-linked-etag': `"${sha256}"`,
  'x-xet-hash': hash,
  'x-repo-commit': 'c'.repeat(40),
  link: '</token>; rel="xet-auth", <https://cas.example/v1/r>; rel="xet-reconstruction-info"',
}

test('a file on Xet, by one question without Range', async () => {
  const { origin, asked } = await serve((_, response) =>
    response.writeHead(200, xetHeaders).end('{}'),
  )
  expect(await infoOf(`${origin}/o/r/resolve/main/m.onnx?download=true#top`)).toEqual({
    url: `${origin}/o/r/resolve/main/m.onnx?download=true`,
    size: 12_345,
    content: `xet:${hash}`,
    xetHash: hash,
    sha256,
    etag: `"${sha256}"`,
    commit: 'c'.repeat(40),
    tokenUrl: `${origin}/token`,
    reconstructionUrl: 'https://cas.example/v1/r',
    fetchedAt: expect.any(Number),
  })
  expect(asked).toHaveLength(1)
  expect(asked[0]?.headers).toMatchObject({ accept: 'application/vnd.xet-fileinfo+json, */*' })
  expect(asked[0]?.headers).not.toHaveProperty('range')
  expect(asked[0]?.headers).not.toHaveProperty('authorization')
})

test('headers that cannot be read are made up for by the body', async () => {
  const { origin } = await serve((_, response) => {
    const body = { hash, size: 7, etag: sha256, refreshUrl: 'https://hub.example/token' }
    response
      .writeHead(200, { 'content-type': xetHeaders['content-type'] })
      .end(JSON.stringify(body))
  })
  expect(await infoOf(`${origin}/f`)).toMatchObject({
    size: 7,
    xetHash: hash,
    sha256,
    etag: `"${sha256}"`,
    tokenUrl: 'https://hub.example/token',
  })
})

test.each([
  ['X-Linked-Size', { 'x-linked-size': '-1' }],
  ['X-Linked-Size', { 'x-linked-size': '99999999999999999' }],
  ['X-Xet-Hash', { 'x-xet-hash': '****' }],
  ['X-Xet-Hash', { 'x-xet-hash': hash.toUpperCase() }],
  ['Link rel="xet-auth"', { link: '<http://[>; rel="xet-auth"' }],
  ['Link rel="xet-auth"', { link: '<https://cas.example/v1/r>; rel="xet-reconstruction-info"' }],
])('a malformed %s is a protocol error that names it', async (field, header) => {
  const { origin } = await serve((_, response) => {
    response.writeHead(200, { ...xetHeaders, ...header }).end('not JSON')
  })
  const expected = { code: 'protocol', message: expect.stringContaining(field) }
  await expect(ask(`${origin}/f`)).rejects.toMatchObject(expected)
})

test('a plain file: headers are read, the body is not', async () => {
  const closed = vi.fn()
  const { origin, asked } = await serve((_, response) => {
    response.on('close', closed)
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': '100000000',
      'accept-ranges': 'bytes',
      etag: '"v1"',
    }
    response.writeHead(200, headers).write('begin')
  })
  expect(await infoOf(`${origin}/m.bin`)).toMatchObject({
    size: 100_000_000,
    content: expect.stringMatching(/^etag:[0-9a-f]{64}$/),
    etag: '"v1"',
    contentType: 'application/octet-stream',
    ranges: true,
  })
  expect(asked).toHaveLength(1)
  await vi.waitFor(() => expect(closed).toHaveBeenCalled())
})

test('a small file comes with the answer about it', async () => {
  const text = '{"model_type":"bert"}'
  const { origin, asked } = await serve((request, response) => {
    if (request.url === '/moved') response.writeHead(307, { location: '/config.json' }).end()
    else response.writeHead(200, { 'content-length': text.length, etag: '"v1"' }).end(text)
  })
  for (const path of ['/config.json', '/moved']) {
    const answer = await ask(origin + path)
    expect(answer).toMatchObject({ info: { url: origin + path, size: 21, etag: '"v1"' } })
    if (!('info' in answer)) throw new Error('refused')
    expect(new TextDecoder().decode(answer.body)).toBe(text)
  }
  expect(asked.map(({ url }) => url)).toEqual(['/config.json', '/moved', '/config.json'])
})

test.each([
  ['is large', { 'content-length': 2 ** 20 + 1 }],
  ['is of unknown length', { 'transfer-encoding': 'chunked' }],
  ['is linked to by a pointer', { 'content-length': 3, 'x-linked-etag': `"${sha256}"` }],
])('a file that %s is not read', async (_, headers) => {
  const { origin } = await serve((request, response) => {
    if (request.headers.range === undefined) response.writeHead(200, headers).write('abc')
    else response.writeHead(206, { 'content-range': 'bytes 0-0/3' }).end('a')
  })
  const answer = await ask(`${origin}/f`)
  expect(answer).toHaveProperty('info.size')
  expect(answer).not.toHaveProperty('body')
})

test('a small compressed file is as long as what came of it; a large one is not read on', async () => {
  const { origin, asked } = await serve((request, response) => {
    const size = request.url === '/large' ? 2 ** 20 + 1 : 5000
    if (request.headers.range !== undefined)
      return response.writeHead(206, { 'content-range': `bytes 0-0/${size}` }).end('a')
    const body = gzipSync(Buffer.alloc(size, 'a'))
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length }
    return response.writeHead(200, headers).end(body)
  })
  expect(await ask(`${origin}/small`)).toMatchObject({
    info: { size: 5000 },
    body: { length: 5000 },
  })
  expect(asked).toHaveLength(1)
  const large = await ask(`${origin}/large`)
  expect(large).toMatchObject({ info: { size: 2 ** 20 + 1 } })
  expect(large).not.toHaveProperty('body')
})

test('a small file that is cut is asked for again', async () => {
  let cuts = 1
  const { origin, asked } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 5 })
    if (cuts-- > 0) response.write('he', () => response.destroy())
    else response.end('hello')
  })
  expect(await ask(`${origin}/f`)).toMatchObject({ info: { size: 5 }, body: { length: 5 } })
  expect(asked).toHaveLength(2)
})

test('no length, or a compressed one: the first byte is asked for, at the original address', async () => {
  const { origin, asked } = await serve((request, response) => {
    if (request.url === '/storage') {
      if (request.headers.range === 'bytes=0-0') {
        response.writeHead(206, { 'content-range': 'bytes 0-0/4321' }).end('x')
      } else response.writeHead(200).end('chunked')
    } else response.writeHead(302, { location: '/storage' }).end()
  })
  expect(await infoOf(`${origin}/config.json`)).toMatchObject({ size: 4_321, ranges: true })
  expect(asked.map(({ url }) => url)).toEqual([
    '/config.json',
    '/storage',
    '/config.json',
    '/storage',
  ])
})

test('a server without ranges, and one that tells no length at all', async () => {
  const { origin } = await serve((request, response) => {
    if (request.url === '/none')
      response.writeHead(200, { 'transfer-encoding': 'chunked' }).end('x')
    else response.writeHead(200, { 'content-length': '5' }).end('hello')
  })
  expect(await infoOf(`${origin}/f`)).toMatchObject({ size: 5, ranges: false })
  const expected = { code: 'unsupported', message: expect.stringContaining('Content-Length') }
  await expect(ask(`${origin}/none`)).rejects.toMatchObject(expected)
})

test('an empty file whose ranges cannot be satisfied', async () => {
  const { origin } = await serve((request, response) => {
    if (request.headers.range === undefined) response.writeHead(200).end()
    else response.writeHead(416, { 'content-range': 'bytes */0' }).end()
  })
  expect(await infoOf(`${origin}/empty`)).toMatchObject({ size: 0 })
})

test('the same SHA-256 is the same content anywhere; the same ETag only at one address', async () => {
  const { origin } = await serve((request, response) => {
    const linked = request.url?.startsWith('/lfs') ? { 'x-linked-etag': `"${sha256}"` } : {}
    const body = request.url?.endsWith('longer') ? 'hello!' : 'hello'
    response.writeHead(200, { ...linked, etag: '"1-5"', 'content-length': body.length }).end(body)
  })
  const content = async (path: string): Promise<string> => (await infoOf(origin + path)).content
  expect(await content('/lfs/a')).toBe(await content('/lfs/b'))
  expect(await content('/shard1')).toBe(await content('/shard1'))
  expect(await content('/shard1')).not.toBe(await content('/shard2'))
  expect(await content('/lfs/a')).not.toBe(await content('/lfs/longer'))
})

test('without an ETag, the commit of a file on a branch tells its versions apart', async () => {
  let revision = 'c'
  const { origin } = await serve((_, response) => {
    const headers = { 'x-repo-commit': revision.repeat(40), 'content-length': 5 }
    response.writeHead(200, headers).end('hello')
  })
  const content = async (): Promise<string> => (await infoOf(`${origin}/main/a`)).content
  const before = await content()
  expect(await content()).toBe(before)
  revision = 'd'
  expect(await content()).not.toBe(before)
})

test.each([
  ['/models/m.onnx', true],
  ['/models/m.onnx_data?x=1', true],
  ['/models/m.onnx_data_1', true],
  ['/models/m.onnx.data', true],
  ['/m.GGUF', true],
  ['/config.json', false],
  ['/', false],
])('a page at %s is taken for a missing model: %s', async (path, refused) => {
  const { origin } = await serve((_, response) => {
    const page = '<!doctype html>'
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }
    response.writeHead(200, headers).end(page)
  })
  const answer = await ask(origin + path)
  expect('refusal' in answer).toBe(refused)
  if ('refusal' in answer) {
    expect(answer).toMatchObject({ refusal: { status: 404 }, missing: false })
    const headers = Object.fromEntries(answer.refusal.headers)
    expect(headers['x-error-message']).toContain('HTML page')
  }
})

test.each([401, 403, 404, 410])('a refusal with %i comes as it is', async (status) => {
  const { origin, asked } = await serve((_, response) => {
    const headers = { 'x-error-code': 'GatedRepo', 'x-error-message': 'Ask first.' }
    response.writeHead(status, 'No', headers).end('a'.repeat(100_000))
  })
  const answer = await ask(`${origin}/f`)
  if (!('refusal' in answer)) throw new Error('not refused')
  const { refusal, missing } = answer
  expect(missing).toBe(status === 404)
  expect(refusal).toMatchObject({ status, statusText: 'No' })
  expect(refusal.headers).toContainEqual(['x-error-code', 'GatedRepo'])
  expect(refusal.headers).toContainEqual(['x-error-message', 'Ask first.'])
  expect(refusal.body).toHaveLength(65_536)
  expect(asked).toHaveLength(1)
})

test('a server in trouble is asked again; its last answer is a refusal', async () => {
  let left = 2
  const { origin, asked } = await serve((_, response) => {
    if (left-- > 0) response.writeHead(503).end('busy')
    else response.writeHead(200, xetHeaders).end()
  })
  expect(await infoOf(`${origin}/f`)).toMatchObject({ xetHash: hash })
  left = 9
  expect(await ask(`${origin}/f`)).toMatchObject({ refusal: { status: 503 } })
  expect(asked).toHaveLength(6)
})

test('the token goes to the address it is for, and to no other origin', async () => {
  const storage = await serve((_, response) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': '5' }
    response.writeHead(200, headers).end('hello')
  })
  const hub = await serve((request, response) => {
    const location = request.url === '/f' ? '/moved' : `${storage.origin}/f?Signature=1`
    response.writeHead(302, { location }).end()
  })
  await ask(`${hub.origin}/f`, 'Bearer secret')
  expect(hub.asked.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer secret',
    'Bearer secret',
  ])
  expect(storage.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
})

test('the caller gives up with its own reason', async () => {
  const { origin } = await serve(() => {})
  const gone = new AbortController()
  const answer = askFileInfo({ ...net, url: `${origin}/f`, signal: gone.signal })
  setTimeout(() => gone.abort(new Error('gone')), 20)
  await expect(answer).rejects.toThrow('gone')
})

test('a redirect that was stale when it was followed is asked for anew', async () => {
  let refusals = 1
  const storage = await serve((_, response) => {
    if (refusals-- > 0) response.writeHead(403).end('expired')
    else response.writeHead(200, { 'content-length': 5, 'accept-ranges': 'bytes' }).end('bytes')
  })
  const hub = await serve((_, response) =>
    response.writeHead(302, { location: `${storage.origin}/x?signature=1` }).end(),
  )
  expect(await infoOf(`${hub.origin}/f`)).toMatchObject({ size: 5 })

  refusals = Infinity
  storage.asked.length = 0
  const answer = await ask(`${hub.origin}/f`)
  expect(answer).toMatchObject({ refusal: { status: 403 } })
  expect(storage.asked).toHaveLength(1 + net.retry.renewals)
})

test('that storage has lost a file does not say that the hub has none', async () => {
  const storage = await serve((_, response) => response.writeHead(404).end())
  const hub = await serve((_, response) =>
    response.writeHead(302, { location: `${storage.origin}/x` }).end(),
  )
  const answer = await ask(`${hub.origin}/f`)
  expect(answer).toMatchObject({ refusal: { status: 404 }, missing: false })
})

test('what the asked server itself refuses is not asked for twice', async () => {
  const hub = await serve((_, response) => response.writeHead(403).end('no'))
  expect(await ask(`${hub.origin}/f`)).toMatchObject({ refusal: { status: 403 } })
  expect(hub.asked).toHaveLength(1)
})
