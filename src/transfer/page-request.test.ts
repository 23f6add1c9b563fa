import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FileInfo } from '../data/index.ts'
import {
  cacheDirectivesOf,
  isForServer,
  mustPass,
  sendsCookies,
  whyNotFor,
} from './page-request.ts'
import type { PageRequest } from './page-request.ts'

const origin = 'https://app.example'
const hub = 'https://hub.example/o/r/resolve/main/model.onnx'
const cdn = 'https://cdn.example/models/labels.bin'
const weights = 'https://cdn.example/models/model.onnx'
const labels = 'https://cdn.example/models/labels.txt'
const page = `${origin}/models/labels.txt`
const own = `${origin}/models/model.onnx`

function request(url: string, init: RequestInit = {}): PageRequest {
  const { method = 'GET', headers, ...modes } = init
  return { url, method, headers: new Headers(headers), ...modes }
}

describe('a request is passed through', () => {
  test.each([
    ['with a header of the app', cdn, { headers: { 'x-api-key': 'k' } }],
    ['with a header of the app, to a hub', hub, { headers: { 'x-app': 'a' } }],
    ['with cookies for another origin', cdn, { credentials: 'include' }],
    ['in mode no-store', cdn, { cache: 'no-store' }],
    ['with Cache-Control: no-store', own, { headers: { 'cache-control': 'no-store' } }],
    ['that accepts one type', labels, { headers: { accept: 'application/json' } }],
    ['that prefers a type', labels, { headers: { accept: 'application/json, */*' } }],
    ['that accepts one type, to its own origin', page, { headers: { accept: 'text/plain' } }],
    ['in another language', labels, { headers: { 'accept-language': 'de' } }],
  ] as const)('%s', (_, url, init) => {
    expect(mustPass(request(url, init), origin)).toBe(true)
  })

  test.each([
    ['plain', cdn, {}],
    [
      'with headers that browsers add',
      cdn,
      { headers: { 'sec-ch-ua': 'x', 'user-agent': 'x', accept: '*/*' } },
    ],
    [
      'in the language of the browser',
      labels,
      { headers: { 'accept-language': 'en-GB, en;q=0.9' } },
    ],
    ['in another language, to its own origin', page, { headers: { 'accept-language': 'de' } }],
    [
      'that prefers a type, to its own origin',
      page,
      { headers: { accept: 'application/json, */*' } },
    ],
    ['that accepts one type, for weights', weights, { headers: { accept: 'application/json' } }],
    ['with tracing headers', cdn, { headers: { traceparent: '00', 'x-datadog-origin': 'rum' } }],
    [
      'with a range and a credential',
      hub,
      { headers: { range: 'bytes=0-9', authorization: 'Bearer t' } },
    ],
    ['for a size in mode no-store', cdn, { cache: 'no-store', headers: { range: 'bytes=0-0' } }],
    ['to a hub in mode no-store', hub, { cache: 'no-store' }],
    ['to a hub with cookies', hub, { credentials: 'include' }],
    ['to its own origin with cookies', own, { credentials: 'include' }],
  ] as const)('but not one %s', (_, url, init) => {
    vi.stubGlobal('navigator', { languages: ['en-GB', 'en'] })
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(mustPass(request(url, init), origin)).toBe(false)
  })
})

test.each<[what: string, url: string, headers: Record<string, string>, expected: boolean]>([
  ['with a date as its condition', cdn, { 'if-modified-since': 'x' }, true],
  ['with the other condition by date', cdn, { 'if-unmodified-since': 'x' }, true],
  ['for several ranges', cdn, { range: 'bytes=0-1,10-11' }, true],
  ['for one range, by a tag', cdn, { range: 'bytes=0-1', 'if-none-match': '"x"' }, false],
  ['with a date as its condition, to a hub', hub, { 'if-unmodified-since': 'x' }, false],
  ['for several ranges, to a hub', hub, { range: 'bytes=0-1, -9' }, false],
])('a request %s is first one for its server: %s', (_, url, headers, expected) => {
  expect(isForServer(request(url, { headers }))).toBe(expected)
})

describe('cache modes and headers', () => {
  test.each([
    ['default', cdn, {}, {}],
    ['no-cache', cdn, { cache: 'no-cache' }, { recheck: 'always' }],
    [
      'Cache-Control: no-cache',
      cdn,
      { headers: { 'cache-control': 'no-cache' } },
      { recheck: 'always' },
    ],
    ['Pragma: no-cache', cdn, { headers: { pragma: 'no-cache' } }, { recheck: 'always' }],
    ['max-age=0', cdn, { headers: { 'cache-control': 'max-age=0' } }, { recheck: 'always' }],
    ['max-age=01', cdn, { headers: { 'cache-control': 'max-age=01' } }, {}],
    ['no-store, of a hub', hub, { cache: 'no-store' }, { recheck: 'always' }],
    [
      'Cache-Control: no-store, of a hub',
      hub,
      { headers: { 'cache-control': 'no-store' } },
      { recheck: 'always' },
    ],
    ['no-store, for a size', hub, { cache: 'no-store', headers: { range: 'bytes=0-0' } }, {}],
    ['force-cache', cdn, { cache: 'force-cache' }, { recheck: 'never' }],
    ['reload', cdn, { cache: 'reload' }, { recheck: 'always', reload: true }],
    [
      'reload of a hub, whose bytes are proven',
      hub,
      { cache: 'reload' },
      { recheck: 'always', reload: false },
    ],
  ] as const)('%s', (_, url, init, wish) => {
    expect(cacheDirectivesOf(request(url, init))).toEqual(wish)
  })
})

describe('the stored answer is not valid for a request', () => {
  const info: FileInfo = { url: own, size: 1, content: 'etag:x', fetchedAt: 0 }
  test.each([
    ['to a server that uses cookies, with cookies', { personal: true }, {}, true],
    ['to that server without cookies', { personal: true }, { credentials: 'omit' }, false],
    ['with redirect: manual, for a redirected file', { moved: true }, { redirect: 'manual' }, true],
    [
      'that fails at a redirect, for a file that hubs redirect',
      { xetHash: 'ab' },
      { redirect: 'error' },
      true,
    ],
    ['with redirect: error, for a file without redirect', {}, { redirect: 'error' }, false],
    ['that follows redirects', { moved: true }, { redirect: 'follow' }, false],
  ] as const)('%s', (_, more, init, passed) => {
    expect(whyNotFor(request(own, init), { ...info, ...more }, origin) !== undefined).toBe(passed)
  })
})

test.each(['if-none-match', 'if-range', 'if-match'])(
  'a request with %s is answered from the device: the browser set its cache mode, not the page',
  (name) => {
    const headers = { [name]: 'x', 'cache-control': 'no-cache', pragma: 'no-cache' }
    for (const cache of ['no-store', 'no-cache'] as const) {
      const asked = request(own, { cache, headers })
      expect(mustPass(asked, origin)).toBe(false)
      expect(cacheDirectivesOf(asked)).toEqual({})
    }
  },
)

describe('sendsCookies', () => {
  const page = 'https://app.example'

  test.each<[RequestCredentials, url: string, expected: boolean]>([
    ['same-origin', `${page}/x.onnx`, true],
    ['same-origin', `${page}.evil.example/x.onnx`, false],
    ['same-origin', 'https://other.example/x.onnx', false],
    ['include', 'https://other.example/x.onnx', true],
    ['omit', `${page}/x.onnx`, false],
  ])('%s, %s', (credentials, url, expected) => {
    expect(sendsCookies({ url, credentials }, page)).toBe(expected)
  })
})
