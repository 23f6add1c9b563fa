import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HubRefusal } from '../refusals.ts'
import { parseRoute } from './parse-route.ts'
import type { Route } from '../hub.ts'

const hash = '0a'.repeat(32)
const repo = { type: 'model', name: 'me/tiny' } as const
const dataset = { type: 'dataset', name: 'tiny' } as const

test.each<[path: string, route: Route]>([
  ['/me/tiny/resolve/main/a/b.onnx', { kind: 'resolve', repo, revision: 'main', path: 'a/b.onnx' }],
  ['/me/tiny/raw/refs%2Fpr%2F1/a%20b', { kind: 'raw', repo, revision: 'refs/pr/1', path: 'a b' }],
  [
    '/datasets/tiny/resolve/refs%2Fheads%2Fx/a',
    { kind: 'resolve', repo: dataset, revision: 'x', path: 'a' },
  ],
  [
    '/me/tiny/resolve/main/resolve/raw',
    { kind: 'resolve', repo, revision: 'main', path: 'resolve/raw' },
  ],
  ['/me/tiny.git/info/lfs/objects/batch', { kind: 'batch', repo }],
  ['/datasets/tiny.git/info/lfs/objects/batch', { kind: 'batch', repo: dataset }],
  ['/api/models/me/tiny', { kind: 'revision', repo, revision: 'main' }],
  ['/api/models/me/tiny/revision/x%2Fy', { kind: 'revision', repo, revision: 'x/y' }],
  ['/api/datasets/tiny/tree/main', { kind: 'tree', repo: dataset, revision: 'main', path: '' }],
  ['/api/models/me/tiny/tree/main/a/b', { kind: 'tree', repo, revision: 'main', path: 'a/b' }],
  ['/api/models/me/tiny/paths-info/main', { kind: 'paths-info', repo, revision: 'main' }],
  ['/api/models/me/tiny/preupload/main', { kind: 'preupload', repo, revision: 'main' }],
  ['/api/models/me/tiny/commit/main', { kind: 'commit', repo, revision: 'main' }],
  [
    '/api/models/me/tiny/xet-read-token/main',
    { kind: 'token', repo, revision: 'main', scope: 'read' },
  ],
  [
    '/api/models/me/tiny/xet-write-token/main',
    { kind: 'token', repo, revision: 'main', scope: 'write' },
  ],
  ['/api/repos/create', { kind: 'create-repo' }],
  [`/v1/reconstructions/${hash}`, { kind: 'reconstruction', version: 1, hash }],
  [`/v2/reconstructions/${hash}`, { kind: 'reconstruction', version: 2, hash }],
  [`/v1/chunks/default-merkledb/${hash}`, { kind: 'chunk', hash }],
  [`/v1/xorbs/default/${hash}`, { kind: 'xorb-upload', hash }],
  [`/v1/files/${hash}`, { kind: 'file', hash }],
  ['/v2/shards', { kind: 'shard', version: 2 }],
  [`/xorbs/default/${hash}`, { kind: 'xorb', hash }],
  [`/lfs/${hash}`, { kind: 'lfs', hash }],
  ['/-/faults', { kind: 'control', action: 'faults' }],
  ['/', { kind: 'unknown' }],
  ['/me/tiny', { kind: 'unknown' }],
  ['/me/tiny/resolve/main', { kind: 'unknown' }],
])('%s', (path, route) => {
  expect(parseRoute(path)).toEqual(route)
})

test.each([
  ['/me/tiny/resolve/main/..%2f..%2fsecrets.json', 400],
  ['/me/tiny/resolve/main/a/%2e%2e/b', 400],
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
  ['/api/models/%2e%2e/tiny/tree/main', 400],
  ['/api/models/a/b/c', 400],
  ['/v1/xorbs/default/..%2f..%2fsecrets.json', 400],
  [`/v1/xorbs/default/${hash.toUpperCase()}`, 400],
  ['/lfs/..%2fsecrets.json', 400],
])('%s is refused with %i', (path, status) => {
  expect(() => parseRoute(path)).toThrow(expect.objectContaining({ status }))
})

test('no path does worse than being refused', () => {
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
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      try {
        const route = parseRoute(`/${parts.join('/')}`)
        if ('path' in route) expect(route.path.split('/')).not.toContain('..')
        if ('repo' in route) expect(route.repo.name).toMatch(/^[\w.-]+(\/[\w.-]+)?$/)
      } catch (error) {
        expect(error).toBeInstanceOf(HubRefusal)
      }
    }),
  )
})
