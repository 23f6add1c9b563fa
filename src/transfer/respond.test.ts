import fc from 'fast-check'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { answered } from './testing/ask.ts'
import { BytesSource } from './testing/BytesSource.ts'
import { respond, unkept, answerHeaders, contentTypeOf } from './respond.ts'
import type { FileInfo } from '../data/index.ts'

const bytes = new Uint8Array(1000).map((_, at) => (at * 7) % 256)
const etag = '"one"'

/** A static file server, after RFC 9110 sections 13.2.2 and 14.2. */
function serveStatic(body: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const { headers, method } = request
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('etag', etag)
  const wanted = headers['if-match']?.split(',').map((tag) => tag.trim())
  if (wanted && !wanted.includes('*') && !wanted.includes(etag))
    return void response.writeHead(412).end()
  const tags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim())
  if (tags.some((tag) => tag === '*' || tag.replace('W/', '') === etag))
    return void response.writeHead(304).end()
  const whole = (): void => {
    response.writeHead(200, { 'content-length': body.length })
    response.end(method === 'HEAD' ? undefined : body)
  }
  const range = headers.range
  const condition = headers['if-range']
  if (method !== 'GET' || range === undefined) return whole()
  if (condition !== undefined && condition !== etag) return whole()
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  // Not understood, or more than one: a server may ignore it.
  if (first + last === '' || (first !== '' && last !== '' && Number(last) < Number(first)))
    return whole()
  const start = first === '' ? Math.max(0, body.length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? body.length : Math.min(body.length, Number(last) + 1)
  if (start >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` })
    return void response.end()
  }
  response.writeHead(206, {
    'content-length': end - start,
    'content-range': `bytes ${start}-${end - 1}/${body.length}`,
  })
  response.end(body.subarray(start, end))
}

let server: Server
let origin: string

beforeAll(async () => {
  server = createServer((request, response) =>
    serveStatic(request.url === '/empty' ? new Uint8Array() : bytes, request, response),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

afterEach(() => {
  vi.useRealTimers()
})

async function seen(response: Response): Promise<Record<string, unknown>> {
  const { status, headers } = response
  const rangeNames = [304, 412].includes(status) ? [] : ['content-range', 'accept-ranges']
  // Servers differ in whether they send a length without a body.
  const names = [...rangeNames, ...([200, 206].includes(status) ? ['content-length'] : []), 'etag']
  return {
    status,
    headers: Object.fromEntries(names.map((name) => [name, headers.get(name)])),
    body: Buffer.from(await response.arrayBuffer()).toString('hex'),
  }
}

function ask(
  source: BytesSource,
  headers: HeadersInit = {},
  method = 'GET',
  signal?: AbortSignal,
): Promise<Response> {
  const request = { url: source.known.url, method, headers: new Headers(headers) }
  return answered(source, request, { signal })
}

const requests: [name: string, headers: Record<string, string>, method?: string][] = [
  ['the whole file', {}],
  ['the first bytes', { range: 'bytes=0-99' }],
  ['the first byte', { range: 'bytes=0-0' }],
  ['bytes in the middle', { range: 'bytes=100-299' }],
  ['one byte in the middle', { range: 'bytes=500-500' }],
  ['the last byte', { range: 'bytes=999-999' }],
  ['a suffix', { range: 'bytes=-100' }],
  ['a suffix longer than the file', { range: 'bytes=-5000' }],
  ['an empty suffix', { range: 'bytes=-0' }],
  ['an open end', { range: 'bytes=900-' }],
  ['the whole file by an open end', { range: 'bytes=0-' }],
  ['an end past the end', { range: 'bytes=990-2000' }],
  ['a start past the end', { range: 'bytes=1000-1001' }],
  ['a start past the end, open', { range: 'bytes=5000-' }],
  ['several ranges', { range: 'bytes=0-1,10-11' }],
  ['another unit', { range: 'chunks=0-1' }],
  ['a range that ends before it begins', { range: 'bytes=9-3' }],
  ['a range without numbers', { range: 'bytes=-' }],
  ['a range with If-Range and the same tag', { range: 'bytes=5-9', 'if-range': etag }],
  ['a range with If-Range and another tag', { range: 'bytes=5-9', 'if-range': '"two"' }],
  [
    'a range with If-Range and a date',
    { range: 'bytes=5-9', 'if-range': 'Sun, 22 Nov 2026 00:00:00 GMT' },
  ],
  [
    'a range past the end with If-Range and another tag',
    { range: 'bytes=5000-', 'if-range': '"two"' },
  ],
  ['If-None-Match with the same tag', { 'if-none-match': etag }],
  ['If-None-Match with a weak tag', { 'if-none-match': `W/${etag}` }],
  ['If-None-Match with several tags', { 'if-none-match': `"zero", ${etag}` }],
  ['If-None-Match with *', { 'if-none-match': '*' }],
  ['a range with If-None-Match and the same tag', { 'if-none-match': etag, range: 'bytes=0-9' }],
  ['another version', { 'if-none-match': '"two"' }],
  ['If-Match with the same tag', { 'if-match': etag }],
  ['If-Match with several tags', { 'if-match': `"zero", ${etag}` }],
  ['If-Match with *', { 'if-match': '*' }],
  ['If-Match with another tag', { 'if-match': '"two"' }],
  ['If-Match with a weak tag', { 'if-match': `W/${etag}` }],
  ['a range with If-Match and another tag', { 'if-match': '"two"', range: 'bytes=0-9' }],
  [
    'If-Match with another tag, and If-None-Match with the same tag',
    { 'if-match': '"two"', 'if-none-match': etag },
  ],
  ['the size, with If-Match and another tag', { 'if-match': '"two"' }, 'HEAD'],
  ['the size', {}, 'HEAD'],
  ['the size, with a range', { range: 'bytes=0-0' }, 'HEAD'],
  ['the size, with a range past the end', { range: 'bytes=5000-' }, 'HEAD'],
  ['the size, with If-None-Match and the same tag', { 'if-none-match': etag }, 'HEAD'],
]

describe.each(['finished', 'on its way'])(
  'a file that is %s is answered like by a server',
  (state) => {
    test.each(requests)('%s', async (_, headers, method = 'GET') => {
      const source = new BytesSource(bytes)
      source.complete = state === 'finished'
      const expected = await fetch(`${origin}/file`, { headers, method, cache: 'no-store' })
      expect(await seen(await ask(source, headers, method))).toEqual(await seen(expected))
      expect(source.open).toBe(0)
    })

    test.each([
      ['the whole file', {}],
      ['its first byte', { range: 'bytes=0-0' }],
      ['its end', { range: 'bytes=0-' }],
    ])('empty: %s', async (_, headers: Record<string, string>) => {
      const source = new BytesSource(new Uint8Array())
      source.complete = state === 'finished'
      const expected = await fetch(`${origin}/empty`, { headers })
      expect(await seen(await ask(source, headers))).toEqual(await seen(expected))
    })
  },
)

test('a weak tag allows no range', async () => {
  const source = new BytesSource(bytes, { etag: 'W/"one"' })
  source.complete = true
  const headers = { range: 'bytes=0-9', 'if-range': 'W/"one"' }
  expect((await ask(source, headers)).status).toBe(200)
})

describe('an answer', () => {
  test('has a label with its source', async () => {
    const source = new BytesSource(bytes)
    expect((await ask(source)).headers.get('x-modelferry')).toBe('stream')
    source.complete = true
    expect((await ask(source)).headers.get('x-modelferry')).toBe('hit')
  })

  test('from the device may not be copied ahead of its reader, unless its server says how it is cached', async () => {
    const control = async (complete: boolean, headers?: FileInfo['headers']) => {
      const source = new BytesSource(bytes, headers && { headers })
      source.complete = complete
      return (await ask(source)).headers.get('cache-control')
    }
    expect(await control(true)).toBe('no-store')
    expect(await control(true, [['cache-control', 'max-age=60']])).toBe('max-age=60')
    expect(await control(false)).toBeNull()
  })

  test('to a request for file info repeats the values of the hub', async () => {
    const xet = {
      xetHash: 'ab'.repeat(32),
      tokenUrl: 'https://hub.example/token',
      reconstructionUrl: 'https://cas.example/v1/x',
      sha256: 'cd'.repeat(32),
    }
    const source = new BytesSource(bytes, xet)
    const headers = { accept: 'application/vnd.xet-fileinfo+json, */*' }
    const response = await ask(source, headers)
    expect(response.headers.get('content-type')).toBe('application/vnd.xet-fileinfo+json')
    expect(response.headers.get('x-xet-hash')).toBe(xet.xetHash)
    expect(response.headers.get('link')).toBe(
      '<https://hub.example/token>; rel="xet-auth", <https://cas.example/v1/x>; rel="xet-reconstruction-info"',
    )
    expect(await response.json()).toEqual({
      hash: xet.xetHash,
      refreshUrl: xet.tokenUrl,
      reconstructionUrl: xet.reconstructionUrl,
      etag: xet.sha256,
      size: 1000,
    })
    const head = await ask(source, headers, 'HEAD')
    expect(head.headers.get('content-type')).toBe('application/vnd.xet-fileinfo+json')
    expect(head.body).toBeNull()
    // Clients send it with a range when they prefer to load the file in ranges from modelferry.
    const range = await ask(source, { ...headers, range: 'bytes=0-0' })
    expect(range.status).toBe(206)
    expect(Object.fromEntries(range.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-range': 'bytes 0-0/1000',
      etag: '"one"',
      'x-linked-etag': `"${xet.sha256}"`,
      'x-linked-size': '1000',
      'x-xet-hash': xet.xetHash,
      link: expect.stringContaining('rel="xet-auth"'),
    })
    await range.body?.cancel()
    // A file that is not on Xet has no such info.
    expect(await (await ask(new BytesSource(bytes), headers)).bytes()).toHaveLength(1000)
  })

  test.each([
    ['GET', 404, 'Entry not found'],
    ['HEAD', 401, ''],
    ['GET', 403, 'Entry not found'],
  ])('that refuses %s is passed on: %i', async (method, status, body) => {
    const source = new BytesSource(bytes)
    source.refusal = {
      status,
      statusText: 'No',
      headers: [['x-error-code', 'EntryNotFound']],
      body: new TextEncoder().encode('Entry not found'),
    }
    const response = await ask(source, {}, method)
    expect(response.status).toBe(status)
    expect(response.statusText).toBe('No')
    expect(response.headers.get('x-error-code')).toBe('EntryNotFound')
    expect(await response.text()).toBe(body)
  })
})

describe('the first byte of a file that is not on the device', () => {
  test('has headers at once, and is fetched after 200 ms', async () => {
    vi.useFakeTimers()
    const source = new BytesSource(bytes)
    const response = await ask(source, { range: 'bytes=0-0' })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe('bytes 0-0/1000')
    expect(response.headers.get('x-modelferry')).toBe('unproven')
    const body = response.bytes()
    await vi.advanceTimersByTimeAsync(199)
    expect(source.probes).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(await body).toEqual(bytes.slice(0, 1))
    expect(source.probes).toBe(1)
    expect(source.open).toBe(0)
  })

  test('is not fetched when only the headers are read', async () => {
    vi.useFakeTimers()
    const source = new BytesSource(bytes)
    const response = await ask(source, { range: 'bytes=0-0' })
    await response.body?.cancel()
    await vi.advanceTimersByTimeAsync(1000)
    expect(source.probes).toBe(0)
  })

  test('fails when it is not available', async () => {
    const source = new BytesSource(bytes)
    source.probe = () => Promise.reject(new Error('offline'))
    const response = await ask(source, { range: 'bytes=0-0' })
    await expect(response.bytes()).rejects.toThrow('offline')
  })
})

async function read(response: Response): Promise<{ got: Uint8Array; failed: unknown }> {
  const parts: Uint8Array[] = []
  const reader = response.body!.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { got: Buffer.concat(parts), failed: undefined }
      parts.push(value)
    }
  } catch (error) {
    return { got: Buffer.concat(parts), failed: error }
  }
}

describe('a range that ends before the end of a file that is not on the device', () => {
  const range = { method: 'GET', headers: new Headers({ range: 'bytes=500-509' }) }

  test('is left to the own request of the page when it is not proven in time', async () => {
    const source = new BytesSource(bytes, { xetHash: 'ab'.repeat(32) })
    source.proving = new Promise(() => undefined)
    const request = { url: source.known.url, ...range }
    expect(await respond(source, request, { rangeFirstByteMs: 5 })).toBeUndefined()
    expect(source.open).toBe(0)
    source.proving = undefined
    expect((await ask(source, range.headers)).status).toBe(206)
  })

  test('is left to it at once when only the whole of a large file could prove it', async () => {
    const source = new BytesSource(bytes, { size: 6_700_000_000 })
    const demand = vi.spyOn(source, 'demand')
    for (const range of ['bytes=4294967289-4294967299', 'bytes=-1000']) {
      const headers = new Headers({ range })
      const request = { url: source.known.url, method: 'GET', headers }
      expect(await respond(source, request)).toBeUndefined()
    }
    expect(demand).not.toHaveBeenCalled()
  })
})

describe('a stream', () => {
  test('that fails midway errors, after correct bytes', async () => {
    const point = fc.integer({ min: 0, max: 999 })
    await fc.assert(
      fc.asyncProperty(point, fc.integer({ min: 1, max: 400 }), point, async (at, step, from) => {
        const source = new BytesSource(bytes)
        source.step = step
        source.failure = { at, error: new Error('cut') }
        const { got, failed } = await read(await ask(source, { range: `bytes=${from}-` }))
        // The first byte alone is a different case.
        expect(failed).toBe(source.failure.error)
        expect(got).toEqual(Buffer.from(bytes.slice(from, Math.max(from, at))))
        expect(source.open).toBe(0)
      }),
    )
  })

  test('never ends early when a read is incomplete', async () => {
    const source = new BytesSource(bytes)
    source.step = 1000
    source.lost = 1
    const { failed } = await read(await ask(source))
    expect(failed).toMatchObject({ code: 'storage' })
    expect(source.open).toBe(0)
  })

  test('is read only on demand, and released when it is cancelled', async () => {
    const source = new BytesSource(bytes)
    const reads = vi.spyOn(source, 'demand')
    const response = await ask(source)
    expect(reads).toHaveBeenCalledOnce()
    expect(source.open).toBe(1)
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(source.open).toBe(0)
  })
})

function waitFor(source: BytesSource, range?: string): Promise<Response> {
  const headers = new Headers(range === undefined ? {} : { range })
  return answered(source, { url: source.known.url, method: 'GET', headers }, { streams: false })
}

describe('when a realm may end before its streams', () => {
  const bytes = new Uint8Array(100).map((_, at) => at)
  test('a probe fetches its byte at once, before its headers', async () => {
    const source = new BytesSource(bytes)
    const probe = vi.spyOn(source, 'probe')
    const response = await waitFor(source, 'bytes=0-0')
    expect(probe).toHaveBeenCalledWith(source.known, expect.objectContaining({ hurry: true }))
    expect(response.status).toBe(206)
    expect(response.headers.get('content-length')).toBe('1')
    expect(await response.bytes()).toEqual(bytes.slice(0, 1))
  })

  test('a probe without an available byte has correct headers, and a body that fails', async () => {
    const source = new BytesSource(bytes)
    source.probe = () => Promise.reject(new Error('offline'))
    const response = await waitFor(source, 'bytes=0-0')
    expect(response.headers.get('content-range')).toBe('bytes 0-0/100')
    await expect(response.bytes()).rejects.toThrow('offline')
  })

  test('a response waits until its whole body is available', async () => {
    const source = new BytesSource(bytes)
    const original = source.demand.bind(source)
    source.demand = async (info, range) => {
      const demand = await original(info, range)
      // A file that was read to its end is on the device.
      const release = (): void => {
        source.complete = true
        demand.release()
      }
      return { ...demand, release }
    }
    expect(await (await waitFor(source)).bytes()).toEqual(bytes)
    expect(source.open).toBe(0)
  })

  test('a range is complete when it is answered', async () => {
    const answer = await waitFor(new BytesSource(bytes), 'bytes=10-19')
    expect(answer.status).toBe(206)
    expect(await answer.bytes()).toEqual(bytes.slice(10, 20))
  })

  test('a failure gives no response', async () => {
    const source = new BytesSource(bytes)
    source.failure = { at: 50, error: new Error('The loader fell silent.') }
    await expect(waitFor(source)).rejects.toThrow('The loader fell silent.')
    await expect(waitFor(source, 'bytes=0-99')).rejects.toThrow('The loader fell silent.')
  })
})

describe('unkept', () => {
  test('a response is passed on unchanged, with a label', async () => {
    const headers = { etag: '"v1"', 'content-range': 'bytes 0-3/9' }
    const labelled = unkept(new Response('four', { status: 206, headers }))
    expect([labelled.status, labelled.headers.get('etag')]).toEqual([206, '"v1"'])
    expect(labelled.headers.get('x-modelferry')).toBe('unkept')
    expect(await labelled.text()).toBe('four')
  })

  test('a response without a status is returned unchanged, because none can be constructed like it', () => {
    const opaque = Response.error()
    expect(unkept(opaque)).toBe(opaque)
  })
})

describe('contentTypeOf', () => {
  test.each([
    ['model.onnx', 'application/octet-stream'],
    ['ort.wasm', 'application/wasm'],
    ['ort.MJS', 'text/javascript'],
    ['config.json', 'application/json'],
    ['config.json?download=true', 'application/json'],
    ['vocab.txt', 'text/plain; charset=utf-8'],
    ['README', 'application/octet-stream'],
    ['model.onnx?x=a.json', 'application/octet-stream'],
  ])('%s', (name, type) => {
    expect(contentTypeOf(`https://hub.example/${name}`)).toBe(type)
  })
})

describe('answerHeaders', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  const info: FileInfo = { url, size: 20_000_000, content: 'etag:x', fetchedAt: 0, ranges: true }

  test('repeat the headers of the hub that libraries read', () => {
    const known: FileInfo = {
      ...info,
      etag: '"one"',
      commit: 'c0ffee',
      sha256: 'ab',
      xetHash: 'cd',
      tokenUrl: 'https://hub.example/token',
    }
    expect(Object.fromEntries(answerHeaders(known, 'hit'))).toEqual({
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      etag: '"one"',
      link: '<https://hub.example/token>; rel="xet-auth"',
      'x-linked-etag': '"ab"',
      'x-linked-size': '20000000',
      'x-modelferry': 'hit',
      'x-repo-commit': 'c0ffee',
      'x-xet-hash': 'cd',
    })
  })

  test('omit unknown values', () => {
    expect([...answerHeaders(info, 'stream').keys()]).toEqual([
      'accept-ranges',
      'content-type',
      'x-linked-size',
      'x-modelferry',
    ])
  })
})
