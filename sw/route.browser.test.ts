import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pingPath } from '../src/protocol/index.ts'
import { route, routeTable, staticRoutes } from './route.ts'

const scope = 'https://app.example/demo/'
const script = `${scope}modelferry-sw.js?hubs=x`
const own = 'https://app.example'
const lists = {
  hubs: [['https://hub.example'], ['http://127.0.0.1:5171/h(u)b', own], []],
  files: [
    [],
    ['https://files.example/*.onnx', `${own}/a?b=*`],
    ['http://[::1]:8080/m:x/*', 'https://files.example/{a}/*/b'],
    ['https://files.example/*sig=*'],
  ],
  shell: [[], [scope, `${own}/assets/*`], [`${own}/*.js`]],
}
const origins = [
  own,
  'https://hub.example',
  'http://127.0.0.1:5171',
  'https://files.example',
  'http://[::1]:8080',
  'https://cdn.jsdelivr.net',
  'https://unpkg.com',
  'https://raw.githubusercontent.com',
  'https://other.example',
]
const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'
const parts = [
  'a',
  'b',
  'm:x',
  '{a}',
  'h(u)b',
  'models',
  'demo',
  'assets',
  'main',
  commit,
  'npm',
  '',
  'resolve/main',
  'raw/main',
  'api/models/a/b/tree/main',
  'a/b/resolve/main/x.onnx',
  'a/b/raw/main/x',
  `api/resolve-cache/models/a/b/${commit}/x`,
  'org/repo/config.json',
  'x.onnx',
  'x.onnx_data_1',
  'x.gguf',
  'x.safetensors',
  'x.task',
  'x.litertlm',
  'x.tflite',
  'model.json',
  'tensor-cache.json',
  'x.bin',
  'x.js',
  'app.css',
  'demo/modelferry-ping',
  'demo/app/',
  'onnxruntime-web@1.22.0/dist/ort.mjs',
  '@mediapipe/tasks-vision@0.10.1/wasm/x.wasm',
  `org/libs/${commit}/x-webgpu.wasm`,
]
const address = fc
  .record({
    origin: fc.constantFrom(...origins),
    path: fc.array(fc.constantFrom(...parts), { maxLength: 4 }),
    end: fc.constantFrom('', '?b=1', '?sig=1', '?x.onnx', '#part'),
  })
  .map(({ origin, path, end }) => new URL(`${origin}/${path.join('/')}${end}`).href)
const parameters = fc.record({
  hubs: fc.constantFrom(...lists.hubs),
  files: fc.constantFrom(...lists.files),
  shell: fc.constantFrom(...lists.shell),
  runtimes: fc.boolean(),
  navigateFallback: fc.constant(`${own}/demo/app/`),
})

test('every request that route() answers or learns from matches one of the patterns', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(parameters, address, address, (parameters, first, url) => {
      const table = routeTable(parameters, scope)
      const request = { method: 'GET', mode: 'cors', destination: '', cache: 'default' } as const
      const decide = (url: string): string =>
        route({ ...request, url, credentials: 'same-origin', headers: new Headers() }, table)
      decide(first)
      const decision = decide(url)
      seen.add(decision)
      if (decision === 'pass') return
      // The ping with options tells a page that the routes of other options apply to it.
      if (decision === 'ping' && url !== scope + pingPath) return
      const places = staticRoutes(parameters, scope, script) ?? []
      const covers = (url: string): boolean =>
        places.some((place) => new URLPattern({ ...place }).test(url))
      expect(covers(url), `${decision} ${url}`).toBe(true)
      if (url.endsWith('.bin') && decision === 'file' && /\.json(?:[?#].*)?$/.test(first))
        expect(covers(first), first).toBe(true)
    }),
    { numRuns: 20_000, seed: 1 },
  )
  expect([...seen].toSorted()).toEqual([
    'file',
    'guard',
    'metadata',
    'pass',
    'ping',
    'runtime',
    'shell',
  ])
})

test('other URLs match no pattern', () => {
  const [hubs, files, shell] = [['https://hub.example'], ['https://files.example/m/*'], [scope]]
  const places = staticRoutes({ hubs, files, shell }, scope, script) ?? []
  const others = ['/', '/app.css', '/demo/app.js', '/api/x?y=1'].map((path) => own + path)
  for (const url of [...others, 'https://files.example/x', 'https://storage.example/xorb?sig=1'])
    expect(
      places.some((place) => new URLPattern({ ...place }).test(url)),
      url,
    ).toBe(false)
})
