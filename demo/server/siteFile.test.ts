import { expect, it } from 'vitest'
import { siteFile } from './siteFile.ts'

it.each(['/ort/ort-wasm-simd-threaded.wasm', '/ort/ort-wasm-simd-threaded.mjs'])(
  'finds %s in its package',
  (path) =>
    expect(siteFile(path)).toMatch(/onnxruntime-web[\\/]dist[\\/]ort-wasm-simd-threaded\.\w+$/),
)

it('finds the page', () => {
  expect(siteFile('/')).toMatch(/index\.html$/)
  expect(siteFile('/assets/index-abc.js')).toMatch(/assets[\\/]index-abc\.js$/)
})

it.each([
  '/package.json',
  '/assets/../server.ts',
  '/assets/..',
  '/ort/ort.js',
  '/modelferry-no.js',
])('has no %s', (path) => expect(siteFile(path)).toBeUndefined())
