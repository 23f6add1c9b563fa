import { expect, test, describe } from 'vitest'
import { route, routeTable, staticRoutes, type Decision } from './route.ts'
import { optionsPingPath } from '../src/protocol/index.ts'

const app = 'https://app.example/demo/'
const hub = 'https://hub.example/'
const cdn = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort.mjs'
const parameters = {
  hubs: ['https://hub.example'],
  files: ['https://files.example/*'],
  shell: [`${app}assets/*`, app],
  navigateFallback: app,
}

type Visit = RequestInit & { destination?: RequestDestination }

function decide(url: string, init: Visit = {}, runtimes = true): Decision {
  const request = {
    method: 'GET',
    mode: 'cors',
    cache: 'default',
    credentials: 'same-origin',
    destination: init.mode === 'navigate' ? 'document' : '',
    ...init,
    url,
    headers: new Headers(init.headers),
  } as const
  return route(request, routeTable({ ...parameters, runtimes }, app))
}

const resolve = `${hub}a/b/resolve/main/x.onnx`
const raw = `${hub}a/b/raw/main/x.onnx`
const tree = `${hub}api/models/a/b/tree/main?recursive=true`

test.each<[what: string, expected: Decision, url: string, init?: Visit]>([
  [
    'a file of the app with a credential',
    'pass',
    `${app}assets/me.json`,
    { headers: { authorization: 'Bearer x' } },
  ],
  ['a model file', 'file', resolve],
  ['its size', 'file', resolve, { method: 'HEAD' }],
  ['a range of it', 'file', resolve, { headers: { range: 'bytes=0-0' } }],
  ['a private file', 'file', resolve, { headers: { authorization: 'Bearer x' } }],
  ['a request of modelferry itself', 'pass', `${resolve}#modelferry`],
  ['an upload', 'pass', resolve, { method: 'PUT' }],
  ['a navigation to the file', 'pass', resolve, { mode: 'navigate' }],
  ['only from cache', 'pass', resolve, { cache: 'only-if-cached' }],
  ['an unknown method', 'pass', resolve, { method: 'PURGE' }],
  ['an OPTIONS request', 'pass', resolve, { method: 'OPTIONS' }],
  ['a file in no-cors mode', 'pass', resolve, { mode: 'no-cors' }],
  ['a file of another origin in same-origin mode', 'pass', resolve, { mode: 'same-origin' }],
  ['a file, with credentials', 'file', resolve, { credentials: 'include' }],
  ['a file, without', 'file', resolve, { credentials: 'omit' }],
  ['a file with redirect: error', 'file', resolve, { redirect: 'error' }],
  ['a file with a password', 'pass', resolve.replace('://', '://me:secret@')],
  ['a file in 4 KB of folders', 'file', resolve.replace('/x', `/${'a/'.repeat(2048)}x`)],
  ['a file with odd escapes', 'file', resolve.replace('/x', '/%zz%2f..%00x')],
  ['a file with a fragment', 'file', `${resolve}#part`],
  ['a file with a secret', 'file', `${resolve}?token=hf_secret`],
  ['a file by pattern', 'file', 'https://files.example/x.onnx'],
  ['a model of another origin', 'pass', 'https://other.example/x.onnx'],
  ['a model of the app', 'file', 'https://app.example/x.gguf'],
  ['a navigation to it', 'pass', 'https://app.example/x.gguf', { mode: 'navigate' }],
  ['it, in same-origin mode', 'file', 'https://app.example/x.gguf', { mode: 'same-origin' }],
  ['it, by a tag', 'file', 'https://app.example/x.gguf', { mode: 'no-cors' }],
  ['it, with a password', 'pass', 'https://me:secret@app.example/x.gguf'],

  ['a pointer', 'metadata', raw],
  ['a listing', 'metadata', tree],
  ['a listing by HEAD', 'metadata', tree, { method: 'HEAD' }],
  ['a listing by POST', 'pass', tree, { method: 'POST' }],
  ['a listing with a credential', 'metadata', tree, { headers: { authorization: 'Bearer x' } }],
  ['a file of the app with a token', 'pass', `${app}?token=t`],
  [
    'a file of the app with a credential',
    'pass',
    `${app}assets/a.js`,
    { headers: { authorization: 'Bearer x' } },
  ],
  ['a navigation with a code', 'shell', `${app}?code=1`, { mode: 'navigate' }],
  ['a listing with cookies', 'pass', tree, { credentials: 'include' }],
  ['part of a pointer', 'pass', raw, { headers: { range: 'bytes=0-9' } }],
  ['a pointer with If-None-Match', 'pass', raw, { headers: { 'if-none-match': '"x"' } }],
  ['a navigation to a pointer', 'pass', raw, { mode: 'navigate' }],
  ['other hub endpoints', 'pass', `${hub}api/models/a/b`],
  ['the whoami endpoint', 'pass', `${hub}api/whoami-v2`],

  ['a runtime', 'runtime', cdn],
  ['a runtime by a script tag', 'runtime', cdn, { mode: 'no-cors', credentials: 'include' }],
  ['part of a runtime', 'pass', cdn, { headers: { range: 'bytes=0-9' } }],
  ['a runtime by HEAD', 'pass', cdn, { method: 'HEAD' }],
  ['a runtime of any version', 'pass', cdn.replace('1.22.0', 'latest')],

  ['a file of the app', 'shell', `${app}assets/a.js`],
  ['a navigation to the app', 'shell', `${app}?x=1`, { mode: 'navigate' }],
  ['a navigation to a route of the app', 'visit', `${app}some/route?x=1#y`, { mode: 'navigate' }],
  ['a navigation to a page of it', 'visit', `${app}some/page.html`, { mode: 'navigate' }],
  ['a navigation with a dot in a folder', 'visit', `${app}v1.2/route`, { mode: 'navigate' }],
  ['a navigation to a version', 'visit', `${app}releases/1.2`, { mode: 'navigate' }],
  ['a navigation to a file of the app', 'pass', `${app}some/report.pdf?x=1`, { mode: 'navigate' }],
  ['a navigation by POST', 'pass', `${app}some/route`, { mode: 'navigate', method: 'POST' }],
  ['a navigation by HEAD', 'pass', `${app}some/route`, { mode: 'navigate', method: 'HEAD' }],
  ['a frame', 'pass', `${app}some/route`, { mode: 'navigate', destination: 'iframe' }],
  ['data under a route', 'pass', `${app}some/route`],
  ['a ping', 'ping', `${app}modelferry-ping`],
  ['a ping with options', 'ping', `${app}modelferry-ping/1x`],
  ['a file beside it', 'pass', `${app}modelferry-pings`],
  ['a ping by HEAD', 'ping', `${app}modelferry-ping`, { method: 'HEAD' }],
  ['beside a local model', 'guard', 'https://app.example/models/org/repo/config.json'],
  ['a page about models', 'pass', 'https://app.example/models/org/repo.html'],
  ['a page without extension', 'pass', 'https://app.example/models/org/repo'],
  ['a visit there', 'pass', 'https://app.example/models/o/a.json', { mode: 'navigate' }],
  ['something else', 'pass', `${app}other`],
  ['shards of something', 'pass', `${app}weights/group1-shard1of2.bin`],
])('%s: %s', (_, expected, url, init) => {
  expect(decide(url, init)).toBe(expected)
})

test('runtimes pass to the network when the option is off', () => {
  expect(decide(cdn, {}, false)).toBe('pass')
})

test.each(['model.json', 'tensor-cache.json'])('shards are recognised by their %s', (name) => {
  const table = routeTable(parameters, app)
  const request = {
    method: 'GET',
    mode: 'cors',
    destination: '',
    cache: 'default',
    credentials: 'omit',
  } as const
  const ask = (url: string): Decision => route({ ...request, url, headers: new Headers() }, table)
  expect(ask(`${app}weights/${name}?v=1`)).toBe('pass')
  expect(ask(`${app}weights/group1-shard1of2.bin?v=1`)).toBe('file')
  expect(ask(`${app}other/group1-shard1of2.bin`)).toBe('pass')
  expect(ask('https://other.example/demo/weights/a.bin')).toBe('pass')
})

describe('static routes', () => {
  const scope = 'https://app.example/demo/'
  const script = `${scope}modelferry-sw.js?hubs=x`
  const hubs = ['https://hub.example', 'http://127.0.0.1:5171/hub/']

  const paths = (parameters: Parameters<typeof staticRoutes>[0], host: string): string[] =>
    (staticRoutes(parameters, scope, script) ?? [])
      .filter(({ hostname, port }) => `${hostname}:${port}` === host)
      .map(({ pathname }) => pathname)

  test('patterns for hubs, runtimes, and own files', () => {
    const parameters = { hubs, files: [], shell: [] }
    expect(paths(parameters, 'hub.example:')).toEqual(['/*'])
    expect(paths(parameters, '127.0.0.1:5171')).toEqual(['/hub/*'])
    expect(paths(parameters, 'cdn.jsdelivr.net:')).toEqual(['/npm/*'])
    expect(paths({ ...parameters, runtimes: false }, 'cdn.jsdelivr.net:')).toEqual([])
    expect(paths(parameters, 'app.example:')).toContain('/demo/modelferry-ping')
    expect(paths(parameters, 'app.example:')).toContain('*.onnx*')
  })

  test.each([
    ['https://cdn.example/models/*.onnx', 'cdn.example:', '/models/*'],
    ['https://cdn.example/*sig=*', 'cdn.example:', '/*'],
    ['https://cdn.example/a?b=*', 'cdn.example:', '/a'],
    ['https://cdn.example/a', 'cdn.example:', '/a'],
    ['https://cdn.example/a(1):{x}+*', 'cdn.example:', String.raw`/a\(1\)\:\{x\}\+*`],
    ['http://[::1]:8080/a', String.raw`\[\:\:1\]:8080`, '/a'],
  ])('%s lies at %s %s', (pattern, host, pathname) => {
    expect(paths({ hubs: [], files: [pattern], shell: [] }, host)).toEqual([pathname])
  })

  test.each(['https://*.example/x', 'https*', '*', '*.onnx', 'https://cdn.example*'])(
    'there are no static routes for a pattern without a fixed host: %s',
    (pattern) => {
      expect(staticRoutes({ hubs, files: [pattern], shell: [] }, scope, script)).toBeUndefined()
    },
  )

  test('the ping of other options matches no pattern, so that a page can detect it', () => {
    const parameters = { hubs, files: [], shell: [] }
    const own = optionsPingPath(script)
    expect(paths(parameters, 'app.example:')).toContain(`/demo/${own}`)
    expect(optionsPingPath(`${scope}modelferry-sw.js?hubs=y`)).not.toBe(own)
  })
})
