import { createHash } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { defaultRetry } from '../net/attempt.ts'
import { netOf } from '../net/testing/netOf.ts'
import { whyNotKept } from './http-answer.ts'
import { confirmedInfo } from './file-info-headers.ts'
import { askFileInfo, type FileAnswer } from './file-info.ts'
import type { FileInfo } from '../data/index.ts'

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

/** A server on its own origin, which records its requests. */
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

test.each<[what: string, headers: Record<string, string>, states: boolean]>([
  ['of a plain server that states none', {}, false],
  ['of a plain server that states it', { 'cache-control': 'no-cache' }, true],
  ['of a hub', { 'cache-control': 'no-store', 'x-repo-commit': 'c'.repeat(40) }, false],
])('the freshness of a file with the path of a hub, %s', async (_, headers, states) => {
  const body = Buffer.alloc(20, 'model')
  const head = { etag: '"1"', 'content-length': body.length, ...headers }
  const { origin } = await serve((_, response) => response.writeHead(200, head).end(body))
  const info = await infoOf(`${origin}/o/r/resolve/main/vocab.txt`)
  expect(info.freshUntil !== undefined).toBe(states)
})

test('a file on Xet needs one request without Range', async () => {
  const { origin, asked } = await serve((_, response) =>
    response.writeHead(200, xetHeaders).end('{}'),
  )
  expect(await infoOf(`${origin}/o/r/resolve/main/m.onnx?download=true#top`)).toEqual({
    url: `${origin}/o/r/resolve/main/m.onnx?download=true`,
    size: 12_345,
    content: `xet:${hash}+sha256:${sha256}`,
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

test('unreadable headers are replaced by values of the body', async () => {
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
  ['X-Linked-Size', { 'x-linked-size': '7' }],
  ['X-Xet-Hash', { 'x-xet-hash': 'e'.repeat(64) }],
  ['X-Linked-ETag', { 'x-linked-etag': `"${'e'.repeat(64)}"` }],
])('a %s that the body contradicts is requested again', async (field, header) => {
  let lies = 1
  const { origin, asked } = await serve((_, response) => {
    const sent = lies-- > 0 ? header : {}
    const body = { hash, size: 12_345, etag: sha256 }
    response.writeHead(200, { ...xetHeaders, ...sent }).end(JSON.stringify(body))
  })
  expect(await infoOf(`${origin}/f`)).toMatchObject({ size: 12_345, xetHash: hash, sha256 })
  expect(asked).toHaveLength(2)
  lies = Infinity
  const expected = { code: 'protocol', message: expect.stringContaining(field) }
  await expect(ask(`${origin}/f`)).rejects.toMatchObject(expected)
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

test('for a plain file headers are read, the body is not', async () => {
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

test('a small file is delivered with its info', async () => {
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
  ['is large', { 'content-length': 2 ** 20 + 1, etag: '"v1"' }],
  ['is of unknown length', { 'transfer-encoding': 'chunked', etag: '"v1"' }],
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

test('a small compressed file has the length of its decoded body; a large one is not read completely', async () => {
  const { origin, asked } = await serve((request, response) => {
    const size = request.url === '/large' ? 2 ** 20 + 1 : 5000
    if (request.headers.range !== undefined)
      return response.writeHead(206, { 'content-range': `bytes 0-0/${size}` }).end('a')
    const body = gzipSync(Buffer.alloc(size, 'a'))
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length, etag: '"v1"' }
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

test('a small file in an encoding that was not decoded is not stored: its ranges would be those of packed bytes', async () => {
  const body = gzipSync(Buffer.alloc(5000, 'a'))
  const { origin } = await serve((_, response) => {
    const headers = { 'content-encoding': 'gzip, identity', 'content-length': body.length }
    response.writeHead(200, { ...headers, etag: '"v1"' }).end(body)
  })
  await expect(ask(`${origin}/f`)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('gzip, identity'),
  })
})

test('an incomplete small file is requested again', async () => {
  let cuts = 1
  const { origin, asked } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 5 })
    if (cuts-- > 0) response.write('he', () => response.destroy())
    else response.end('hello')
  })
  expect(await ask(`${origin}/f`)).toMatchObject({ info: { size: 5 }, body: { length: 5 } })
  expect(asked).toHaveLength(2)
})

test('without a length, or with a compressed one, the first byte is requested at the original URL', async () => {
  const { origin, asked } = await serve((request, response) => {
    if (request.url === '/storage') {
      if (request.headers.range === 'bytes=0-0') {
        response.writeHead(206, { 'content-range': 'bytes 0-0/4321' }).end('x')
      } else response.writeHead(200, { etag: '"v1"' }).end('chunked')
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

test('a server without ranges, and one without any length', async () => {
  const { origin } = await serve((request, response) => {
    if (request.url === '/none')
      response.writeHead(200, { 'transfer-encoding': 'chunked', etag: '"1"' }).end('x')
    else response.writeHead(200, { 'content-length': '5' }).end('hello')
  })
  expect(await infoOf(`${origin}/f`)).toMatchObject({ size: 5, ranges: false })
  const expected = { code: 'unsupported', message: expect.stringContaining('Content-Range') }
  await expect(ask(`${origin}/none`)).rejects.toMatchObject(expected)
})

test('a packed file whose range fails, as in Chromium, is left to the browser for that reason; without ranges none is requested', async () => {
  const { origin, asked } = await serve((request, response) => {
    // Chromium ends a request for a range whose response is packed although it does not accept that.
    if (request.headers.range !== undefined) response.destroy()
    const none = request.url === '/none' && { 'accept-ranges': 'none' }
    const head = { etag: '"1"', 'content-encoding': 'gzip', ...none }
    response.writeHead(200, head).end(gzipSync(noise))
  })
  const expected = { code: 'unsupported', message: expect.stringContaining('packed') }
  await expect(ask(`${origin}/model.onnx`)).rejects.toMatchObject(expected)
  expect(asked.length).toBeGreaterThan(1)
  asked.length = 0
  await expect(ask(`${origin}/none`)).rejects.toMatchObject(expected)
  expect(asked).toHaveLength(1)
})

test('an empty file whose ranges cannot be satisfied', async () => {
  const { origin } = await serve((request, response) => {
    if (request.headers.range === undefined) response.writeHead(200, { etag: '"v1"' }).end()
    else response.writeHead(416, { 'content-range': 'bytes */0' }).end()
  })
  expect(await infoOf(`${origin}/empty`)).toMatchObject({ size: 0 })
})

test('the same SHA-256 is the same content anywhere; the same ETag only at one URL', async () => {
  const { origin } = await serve((request, response) => {
    const linked = request.url?.startsWith('/lfs') ? { 'x-linked-etag': `"${sha256}"` } : {}
    const length = request.url?.endsWith('longer') ? 2 ** 22 : 2 ** 21
    response.writeHead(200, { ...linked, etag: '"1-5"', 'content-length': length }).write('hello')
  })
  const content = async (path: string): Promise<string> => (await infoOf(origin + path)).content
  expect(await content('/lfs/a')).toBe(await content('/lfs/b'))
  expect(await content('/shard1')).toBe(await content('/shard1'))
  expect(await content('/shard1')).not.toBe(await content('/shard2'))
  expect(await content('/lfs/a')).not.toBe(await content('/lfs/longer'))
})

test('without an ETag, the commit of a file on a branch distinguishes its versions', async () => {
  let revision = 'c'
  const { origin } = await serve((_, response) => {
    const headers = { 'x-repo-commit': revision.repeat(40), 'content-length': 2 ** 21 }
    response.writeHead(200, headers).write('hello')
  })
  const content = async (): Promise<string> => (await infoOf(`${origin}/main/a`)).content
  const before = await content()
  expect(await content()).toBe(before)
  revision = 'd'
  expect(await content()).not.toBe(before)
})

test.each([
  '/models/m.onnx',
  '/models/m.onnx_data?x=1',
  '/models/m.onnx_data_1',
  '/models/m.onnx.data',
  '/m.GGUF',
])("an app's start page at %s counts as a missing model", async (path) => {
  const { origin } = await serve((_, response) => {
    const page = '<!doctype html>'
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }
    response.writeHead(200, headers).end(page)
  })
  const answer = await ask(origin + path)
  if (!('refusal' in answer)) throw new Error('not refused')
  expect(answer).toMatchObject({ refusal: { status: 404 }, missing: false })
  const headers = Object.fromEntries(answer.refusal.headers)
  expect(headers['x-error-message']).toContain('HTML page')
})

const page = '<!doctype html><title>Sign in</title>'
const commit = { 'x-repo-commit': 'c'.repeat(40) }

/** @returns the reason why the server's response is not stored, as a text */
async function reasonAgainst(
  path: string,
  body: string | Buffer,
  headers: Record<string, string | number> = {},
  status = 200,
): Promise<string> {
  const { origin } = await serve((_, response) => {
    const length = status === 204 ? {} : { 'content-length': body.length }
    response.writeHead(status, { ...length, etag: '"v1"', ...headers }).end(body)
  })
  const error = await ask(origin + path).catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'unsupported', retryable: false })
  return (error as Error).message
}

/** A response as a page of another origin sees it: only the headers that every page may read. */
const hidden = {
  ...net,
  fetch: async (url: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init)
    const safe = ['content-type', 'content-length', 'last-modified', 'cache-control', 'expires']
    const headers = new Headers([...response.headers].filter(([name]) => safe.includes(name)))
    return new Proxy(response, {
      get: (target, name) => {
        if (name === 'type') return 'cors'
        if (name === 'headers') return headers
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  },
}

describe('a response in place of a file is passed through and not stored', () => {
  const text = { 'content-type': 'text/html; charset=utf-8' }
  test.each(['/config.json', '/vocab.txt', '/spiece.model', '/model.pt', '/'])(
    'a web page at %s, recognised by its type or by its first bytes',
    async (path) => {
      expect(await reasonAgainst(path, page, text)).toContain('a web page came in its place')
      expect(await reasonAgainst(path, `\n${page}`)).toContain('a web page came in its place')
    },
  )

  test('a web page after a redirect from a model file, such as a sign-in page', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/login') response.writeHead(200, text).end(page)
      else response.writeHead(302, { location: '/login' }).end()
    })
    await expect(ask(`${origin}/m.onnx`)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('a page is a file when a page was requested', async () => {
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { ...text, 'content-length': page.length }).end(page),
    )
    expect(await ask(`${origin}/card.html`)).toMatchObject({ info: { size: page.length } })
  })

  test('a Git LFS pointer', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize 3000000\n`
    expect(await reasonAgainst('/model.onnx', pointer)).toContain('git lfs pull')
  })

  test('truncated JSON with the announced length', async () => {
    expect(await reasonAgainst('/config.json', '{"model_type":"bert","hid')).toContain('cut')
  })

  test("a hub's small file with a wrong Git blob hash", async () => {
    const path = '/o/r/resolve/main/vocab.txt'
    const right = { ...commit, etag: '"ce013625030ba8dba906f756967f9e9ca394464a"' }
    expect(await reasonAgainst(path, 'hell', right)).toContain('Git blob')
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { ...right, 'content-length': 6 }).end('hello\n'),
    )
    expect(await ask(origin + path)).toMatchObject({ info: { size: 6 }, body: { length: 6 } })
  })

  const block = '{"error":"Sign in to this network"}'
  const pinned = `/o/r/resolve/${'a'.repeat(40)}/config.json`
  const blobOf = (text: string): string =>
    createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex')

  test.each([
    ['JSON', 'application/json', block],
    ['text', 'text/plain', 'Access denied by policy\n'],
  ])('a block page of the type %s at a commit, which names no commit', async (kind, type, body) => {
    const path = kind === 'text' ? pinned.replace('.json', '.txt') : pinned
    expect(await reasonAgainst(path, body, { 'content-type': type })).toContain('X-Repo-Commit')
    expect(await reasonAgainst(path, body, { etag: `"${'b'.repeat(40)}"` })).toContain(
      'X-Repo-Commit',
    )
  })

  test.each(['huggingface.co', 'hf.co'])('one of %s that names no commit', async (host) => {
    const url = `https://${host}/o/r/resolve/main/model.onnx`
    const response = new Response('x', { headers: { 'content-length': '1', etag: '"1"' } })
    const answer = askFileInfo({ ...net, url, fetch: async () => response })
    const reason = expect.stringContaining('X-Repo-Commit') as string
    await expect(answer).rejects.toMatchObject({ code: 'unsupported', message: reason })
  })

  test.each([
    ['that names the commit', commit, net],
    ['whose ETag is its Git blob id', { etag: `"${blobOf(block)}"` }, net],
    ['whose ETag a compressing server marked as weak', { etag: `W/"${blobOf(block)}"` }, net],
    ['whose headers another origin hides', {}, hidden],
  ])("but not a hub's small file at a commit %s", async (_, headers, tools) => {
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { ...headers, 'content-length': block.length }).end(block),
    )
    const answer = await askFileInfo({ ...tools, url: origin + pinned })
    expect(answer).toMatchObject({ info: { size: block.length } })
  })

  test('a status other than 200', async () => {
    expect(await reasonAgainst('/config.json', '', {}, 204)).toContain('204')
    expect(await reasonAgainst('/config.json', '{}', {}, 206)).toContain('206')
  })

  test.each([
    ['no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['accept-language', { vary: 'Accept-Encoding, Accept-Language' }],
    ['accept', { vary: 'Accept' }],
    ['*', { vary: '*' }],
  ])('a response with %s', async (said, headers) => {
    expect(await reasonAgainst('/labels.txt', 'a\nb\n', headers)).toContain(said)
  })

  test('a large file without a validator', async () => {
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { 'content-length': 2 ** 22 }).write('x'),
    )
    const error = { code: 'unsupported', message: expect.stringContaining('ETag') }
    await expect(ask(`${origin}/m.bin`)).rejects.toMatchObject(error)
  })
})

describe('a length counts only when nothing contradicts it', () => {
  test('an X-Linked-Size that differs from the body', async () => {
    const headers = { 'x-linked-size': '2097153', 'content-length': 2 ** 21 }
    expect(
      await reasonAgainst('/o/r/resolve/main/m.bin', Buffer.alloc(2 ** 21), headers),
    ).toContain('X-Linked-Size')
  })

  test('an X-Linked-Size of 0 is ignored for a file with bytes', async () => {
    const { origin } = await serve((_, response) =>
      response
        .writeHead(200, { ...commit, 'x-linked-size': '0', 'content-length': 5 })
        .end('hello'),
    )
    expect(await infoOf(`${origin}/o/r/resolve/main/vocab.txt`)).toMatchObject({ size: 5 })
  })

  test('a Xet file of 0 bytes is refused', async () => {
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { ...xetHeaders, 'x-linked-size': '0' }).end(),
    )
    await expect(ask(`${origin}/o/r/resolve/main/m.onnx`)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('X-Linked-Size'),
    })
  })
})

const noise = Buffer.from(Array.from({ length: 3 * 2 ** 20 }, (_, at) => (at * at * 31) % 251))

/** A server that compresses a file always, or never. Ranges apply to the representation in `ranged`. */
async function servePacked(
  ranged: 'plain' | 'packed' | 'none',
  packs: boolean,
): Promise<FileAnswer> {
  const body = packs ? gzipSync(noise) : noise
  const { origin } = await serve((request, response) => {
    const about = { 'last-modified': 'Sun, 22 Nov 2026 08:00:00 GMT' }
    const encoding = packs ? { 'content-encoding': 'gzip' } : {}
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (ranged === 'none' || first === undefined)
      return response
        .writeHead(200, { ...about, ...encoding, 'content-length': body.length })
        .end(body)
    const all = ranged === 'packed' ? body : noise
    const part = all.subarray(Number(first), Number(last) + 1)
    if (part.length === 0) return response.writeHead(416, about).end()
    const place = {
      'content-range': `bytes ${first}-${Number(first) + part.length - 1}/${all.length}`,
    }
    const how = ranged === 'packed' ? encoding : {}
    return response
      .writeHead(206, { ...about, ...how, ...place, 'content-length': part.length })
      .end(part)
  })
  return await askFileInfo({ ...hidden, url: `${origin}/model.onnx` })
}

describe('a file of another origin whose encoding cannot be read', () => {
  test('has the announced length when a range past its end returns one byte', async () => {
    expect(await servePacked('plain', false)).toMatchObject({
      info: { size: noise.length, ranges: true },
    })
  })

  test.each([
    ['compressed, with ranges of the file', 'plain'],
    ['compressed, with ranges of the compressed bytes', 'packed'],
    ['compressed, without ranges', 'none'],
  ] as const)('is not stored: %s', async (_, ranged) => {
    await expect(servePacked(ranged, true)).rejects.toMatchObject({
      code: 'unsupported',
    })
  })

  test('is not stored when there are no ranges to determine its length', async () => {
    const answer = servePacked('none', false)
    await expect(answer).rejects.toMatchObject({ code: 'unsupported' })
  })
})

describe('headers of the file from the server are repeated', () => {
  test('its type, its date and other headers', async () => {
    const { origin } = await serve((_, response) => {
      const date = 'Sun, 22 Nov 2026 08:00:00 GMT'
      const headers = { 'content-type': 'image/png', 'last-modified': date, 'x-model': 'cat' }
      response.writeHead(200, { ...headers, 'content-length': 5 }).end('hello')
    })
    const info = await infoOf(`${origin}/logo.png`)
    expect(info).toMatchObject({
      contentType: 'image/png',
      lastModified: 'Sun, 22 Nov 2026 08:00:00 GMT',
    })
    expect(info.headers).toEqual([['x-model', 'cat']])
  })

  test('the info records a redirect, and a personal response', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/moved') response.writeHead(307, { location: '/f' }).end()
      else {
        const headers = { 'content-length': 5, 'cache-control': 'private', vary: 'Cookie' }
        response.writeHead(200, headers).end('hello')
      }
    })
    expect(await infoOf(`${origin}/moved`)).toMatchObject({ moved: true, personal: true })
    expect(await infoOf(`${origin}/f`)).not.toHaveProperty('moved')
  })
})

test('headers of the server are repeated, also long ones, and a file with longer ones is not stored', async () => {
  const long = 'a'.repeat(10_000)
  const { origin } = await serve((_, response) =>
    response.writeHead(200, { 'content-length': 5, etag: '"a"', 'x-app': long }).end('hello'),
  )
  expect((await infoOf(`${origin}/f`)).headers).toContainEqual(['x-app', long])
  const headers = new Headers({ 'x-app': 'a'.repeat(70_000) })
  expect(whyNotKept({ headers })).toContain('headers')
})

test('only hubs get the Accept header for file info, which other servers might use for content negotiation', async () => {
  const { origin, asked } = await serve((_, response) =>
    response.writeHead(200, { 'content-length': 5 }).end('hello'),
  )
  await infoOf(`${origin}/vocab.txt`)
  expect(asked[0]?.headers).toMatchObject({ accept: '*/*' })
})

describe('a file that is on the device', () => {
  const known: FileInfo = {
    url: 'set below',
    size: 3,
    content: `sha256:${sha256}`,
    etag: '"1"',
    headers: [
      ['cache-control', 'max-age=1'],
      ['x-app', 'old'],
    ],
    freshUntil: 0,
    fetchedAt: 5,
  }

  /** Asks with the condition; the server's responses come in this order. */
  async function confirm(
    ...responses: readonly [status: number, headers: OutgoingHttpHeaders][]
  ): Promise<{ answer: FileAnswer; tags: unknown[] }> {
    const { origin, asked } = await serve((_, response) => {
      const [status, headers] = responses[asked.length - 1]!
      response.writeHead(status, headers).end(status === 200 ? 'new' : undefined)
    })
    const url = `${origin}/x.bin`
    const answer = await askFileInfo({ ...net, url, known: { ...known, url }, conditional: true })
    return { answer, tags: asked.map(({ headers }) => headers['if-none-match']) }
  }

  test('is confirmed by its ETag, without its bytes; headers of the 304 replace the stored ones', async () => {
    const { answer, tags } = await confirm([
      304,
      { 'cache-control': 'private, max-age=60', 'x-other': 'new' },
    ])
    expect(tags).toEqual(['"1"'])
    expect(answer).toMatchObject({
      info: {
        content: known.content,
        etag: '"1"',
        personal: true,
        // Its bytes are as old as before.
        fetchedAt: 5,
        headers: expect.arrayContaining([
          ['cache-control', 'private, max-age=60'],
          ['x-app', 'old'],
          ['x-other', 'new'],
        ]),
      },
    })
    const { freshUntil = 0 } = 'info' in answer ? answer.info : {}
    expect(freshUntil - Date.now()).toBeGreaterThan(50_000)
  })

  test('is confirmed by a weak ETag for a strong one: nginx marks only what it compresses', async () => {
    const { answer, tags } = await confirm([304, { etag: 'W/"1"' }])
    expect(tags).toEqual(['"1"'])
    expect(answer).toMatchObject({ info: { content: known.content } })
  })

  test('is stale at once when neither response says how long it is fresh', async () => {
    const url = 'https://app.example/x.bin'
    const info = confirmedInfo({ ...known, url, headers: [] }, new Response(), 1000)
    expect(info.freshUntil).toBe(1000)
  })

  test.each<[what: string, status: number, headers: OutgoingHttpHeaders]>([
    ['a 304 with another ETag', 304, { etag: '"2"' }],
    ['a redirect', 302, { location: '/elsewhere' }],
    ['a status that belongs to ranges', 206, { 'content-range': 'bytes 0-0/3' }],
  ])('is asked for without a condition after %s', async (_, status, headers) => {
    const { answer, tags } = await confirm(
      [status, headers],
      [200, { etag: '"2"', 'content-length': 3 }],
    )
    expect(tags).toEqual(['"1"', undefined])
    expect(answer).toMatchObject({
      info: { etag: '"2"', size: 3 },
      body: new Uint8Array(Buffer.from('new')),
    })
  })

  test('and has been replaced comes with its new info, by one request', async () => {
    const { answer, tags } = await confirm([200, { etag: '"2"', 'content-length': 3 }])
    expect(tags).toEqual(['"1"'])
    expect(answer).toMatchObject({
      info: { etag: '"2"' },
      body: new Uint8Array(Buffer.from('new')),
    })
  })

  test('and is gone is refused, by one request', async () => {
    const { answer, tags } = await confirm([404, {}])
    expect(tags).toEqual(['"1"'])
    expect(answer).toMatchObject({ refusal: { status: 404 }, missing: true })
  })

  test('and may no longer be stored is passed through', async () => {
    const confirmed = confirm([304, { 'cache-control': 'no-store' }])
    await expect(confirmed).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('of another origin is asked for without a condition, which would need a preflight', async () => {
    const { origin, asked } = await serve((_, response) =>
      response.writeHead(200, { etag: '"1"', 'content-length': 3 }).end('old'),
    )
    await askFileInfo({ ...net, url: `${origin}/x.bin`, known })
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined])
  })
})

describe('a file of another origin that is on the device is asked for by a range', () => {
  const known: FileInfo = {
    url: 'set below',
    size: 2 ** 21,
    content: 'etag:1',
    etag: '"1"',
    lastModified: 'Sat, 28 Nov 2026 10:00:00 GMT',
    ranges: true,
    freshUntil: 0,
    fetchedAt: 5,
  }
  const part = {
    'content-range': `bytes 5-${2 ** 21 - 1}/${2 ** 21}`,
    etag: '"1"',
    'last-modified': known.lastModified,
  }

  async function confirm(
    status: number,
    headers: OutgoingHttpHeaders,
  ): Promise<{ answer: FileAnswer; ranges: unknown[]; opened: number[] }> {
    const { origin, asked } = await serve((request, response) => {
      if (request.headers.range === undefined)
        response.writeHead(200, { etag: '"2"', 'content-length': 3 }).end('new')
      else if (status === 0) request.socket.destroy()
      else response.writeHead(status, headers).end()
    })
    const url = `${origin}/x.bin`
    const opened: number[] = []
    const answer = await askFileInfo({
      ...net,
      url,
      known: { ...known, url },
      range: 'bytes=5-',
      opened: (_, response) => opened.push(response.status),
    })
    return { answer, opened, ranges: asked.map(({ headers: { range } }) => range) }
  }

  test('and confirmed by a part of its version, whose response is open for the download', async () => {
    const { answer, ranges, opened } = await confirm(206, {
      ...part,
      'cache-control': 'max-age=60',
    })
    expect(ranges).toEqual(['bytes=5-'])
    expect(opened).toEqual([206])
    expect(answer).toMatchObject({ info: { content: 'etag:1', fetchedAt: 5 } })
    const { freshUntil = 0 } = 'info' in answer ? answer.info : {}
    expect(freshUntil - Date.now()).toBeGreaterThan(50_000)
  })

  test.each<[what: string, status: number, headers: OutgoingHttpHeaders]>([
    ['another ETag', 206, { ...part, etag: '"2"' }],
    ['no ETag', 206, { 'content-range': part['content-range'] }],
    ['another date', 206, { ...part, 'last-modified': 'Sun, 29 Nov 2026 10:00:00 GMT' }],
    ['another size', 206, { ...part, 'content-range': 'bytes 5-8/9' }],
    ['another range', 206, { ...part, 'content-range': `bytes 0-9/${2 ** 21}` }],
    ['a packed part', 206, { ...part, 'content-encoding': 'gzip' }],
    ['no such range', 416, { 'content-range': 'bytes */3' }],
    ['no ranges at all', 501, {}],
    ['a lost connection, as after a preflight in vain', 0, {}],
  ])('and then without one after %s', async (_, status, headers) => {
    const { answer, ranges } = await confirm(status, headers)
    expect(ranges).toEqual(['bytes=5-', undefined])
    expect(answer).toMatchObject({ info: { etag: '"2"', size: 3 } })
  })
})

test.each([401, 403, 404, 410])('a refusal with %i is returned unchanged', async (status) => {
  const { origin, asked } = await serve((_, response) => {
    const headers = { 'x-error-code': 'GatedRepo', 'x-error-message': 'Ask first.' }
    response.writeHead(status, 'No', headers).end('a'.repeat(100_000))
  })
  const answer = await ask(`${origin}/f`)
  if (!('refusal' in answer)) throw new Error('not refused')
  const { refusal, missing } = answer
  expect(missing).toBe(status === 404 || status === 410)
  expect(refusal).toMatchObject({ status, statusText: 'No' })
  expect(refusal.headers).toContainEqual(['x-error-code', 'GatedRepo'])
  expect(refusal.headers).toContainEqual(['x-error-message', 'Ask first.'])
  expect(refusal.body).toHaveLength(65_536)
  expect(asked).toHaveLength(1)
})

test('transient errors are retried; the last one is a refusal', async () => {
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

test('the token goes to its origin only', async () => {
  const storage = await serve((_, response) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': '5' }
    response.writeHead(200, { ...headers, etag: '"v1"' }).end('hello')
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

test('the caller aborts with its own reason', async () => {
  const { origin } = await serve(() => {})
  const caller = new AbortController()
  const answer = askFileInfo({ ...net, url: `${origin}/f`, signal: caller.signal })
  setTimeout(() => caller.abort(new Error('gone')), 20)
  await expect(answer).rejects.toThrow('gone')
})

test('a redirect whose target has expired is requested again', async () => {
  let refusals = 1
  const storage = await serve((_, response) => {
    if (refusals-- > 0) response.writeHead(403).end('expired')
    else {
      const headers = { 'content-length': 5, 'accept-ranges': 'bytes', etag: '"v1"' }
      response.writeHead(200, headers).end('bytes')
    }
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

test('a 404 from storage does not mean that the hub has no such file', async () => {
  const storage = await serve((_, response) => response.writeHead(404).end())
  const hub = await serve((_, response) =>
    response.writeHead(302, { location: `${storage.origin}/x` }).end(),
  )
  const answer = await ask(`${hub.origin}/f`)
  expect(answer).toMatchObject({ refusal: { status: 404 }, missing: false })
})

test('a refusal of the requested server itself is not retried', async () => {
  const hub = await serve((_, response) => response.writeHead(403).end('no'))
  expect(await ask(`${hub.origin}/f`)).toMatchObject({ refusal: { status: 403 } })
  expect(hub.asked).toHaveLength(1)
})
