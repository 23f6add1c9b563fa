import { expect, test } from 'vitest'

import type { PackageEntry } from './packageEntries.ts'
import { packageProblems } from './packageProblems.ts'
import type { Manifest } from './packageProblems.ts'

const entries: PackageEntry[] = [
  { name: 'index', source: 'src/page/index.ts', kind: 'browser', subpath: '.', types: true },
  { name: 'cli', source: 'src/cli/index.ts', kind: 'node', types: false },
]

const manifest: Manifest = {
  exports: {
    '.': { types: './dist/types/src/page/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  bin: { modelferry: 'dist/cli.js' },
  types: './dist/types/src/page/index.d.ts',
  unpkg: './dist/index.js',
  jsdelivr: './dist/index.js',
}

test('a manifest that matches the build has no problems', () => {
  expect(packageProblems(manifest, entries, () => true)).toEqual([])
})

test('an entry that is not exported, an export that is not built, and a wrong file are named', () => {
  const { '.': index, ...rest } = manifest.exports
  const extra = { ...manifest, exports: { ...rest, './index': index ?? '' } }
  expect(packageProblems(extra, entries, () => true)).toEqual([
    'exports["."] must be {"types":"./dist/types/src/page/index.d.ts","default":"./dist/index.js"}',
    'exports["./index"] is not an entry of the build',
  ])
})

test('a missing file is named once', () => {
  expect(packageProblems(manifest, entries, (file) => !file.includes('index.js'))).toEqual([
    './dist/index.js is named in package.json and does not exist',
  ])
})
