import { expect, test } from 'vitest'
import { optionsPingPath } from '../src/protocol/index.ts'
import { staticRoutes } from './static-routes.ts'

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
