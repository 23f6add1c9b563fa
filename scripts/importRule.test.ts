import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { runProgram } from './steps/runProgram.ts'

const root = path.resolve(import.meta.dirname, '..')
const project = mkdtempSync(path.join(tmpdir(), 'import-rule-'))

afterAll(() => rmSync(project, { recursive: true }))

interface Violation {
  from: string
  to: string
  rule: { name: string }
}

/** The violations of a test project, given as files with their imports. */
async function violations(imports: Record<string, string[]>): Promise<string[]> {
  const dependency = {
    name: 'modelferry',
    devDependencies: { lz4js: '1' },
    dependencies: { hono: '1' },
  }
  const files: Record<string, string> = {
    'package.json': JSON.stringify(dependency),
    'tsconfig.json':
      '{ "compilerOptions": { "allowImportingTsExtensions": true, "noEmit": true } }',
  }
  for (const name of ['hono', 'lz4js']) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: 'index.js' })
    files[`node_modules/${name}/index.js`] = ''
  }
  for (const [name, targets] of Object.entries(imports)) {
    const lines = targets.map((target) => {
      const [, type, from = target] = /^(type )?(.*)$/.exec(target) ?? []
      return type ? `import type { T } from '${from}'\n` : `import '${from}'\n`
    })
    files[name] = lines.join('')
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true })
    writeFileSync(path.join(project, name), text)
  }
  const tool = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const rules = path.join(root, '.dependency-cruiser.cjs')
  const args = [tool, 'src', 'sw', 'demo', '--config', rules, '--output-type', 'json']
  const output = await runProgram(process.execPath, args, { cwd: project, show: false })
  const report = JSON.parse(output) as { summary: { violations: Violation[] } }
  return report.summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).toSorted()
}

test('the import rule reports every forbidden import, and no other', async () => {
  const found = await violations({
    'src/core/up.ts': ['../codec/index.ts'],
    'src/core/index.ts': ['./leaf.ts'],
    'src/core/leaf.ts': [],
    'src/core/leaf.test.ts': ['../transfer/down.ts', 'lz4js'],
    'src/codec/index.ts': ['../core/index.ts'],
    'src/codec/sibling.ts': ['../net/index.ts'],
    'src/codec/type.ts': ['type ../net/index.ts'],
    'src/codec/past.ts': ['../core/leaf.ts'],
    'src/codec/past-type.ts': ['type ../net/leaf.ts'],
    'src/page/type.ts': ['type ../hub/index.ts'],
    'src/codec/a.ts': ['./b.ts'],
    'src/codec/b.ts': ['./a.ts'],
    'src/net/index.ts': [],
    'src/net/leaf.ts': ['node:fs', 'hono'],
    'src/store/index.ts': [],
    'src/store/leaf.ts': ['lz4js', './gone.ts'],
    'src/transfer/index.ts': ['../store/index.ts', '../core/index.ts'],
    'src/transfer/down.ts': [],
    'src/page/entry.ts': ['../worker/index.ts', '../../sw/leaf.ts', '../core/leaf.test.ts'],
    'src/page/index.ts': [],
    'src/worker/index.ts': ['../transfer/index.ts'],
    'src/hub/index.ts': ['node:fs', 'hono', '../codec/index.ts'],
    'src/cli/index.ts': ['../hub/index.ts'],
    'src/attic/leaf.ts': ['../core/index.ts'],
    'sw/leaf.ts': ['../src/transfer/index.ts', '../src/page/index.ts'],
    'sw/past.ts': ['../src/transfer/down.ts'],
    'demo/index.ts': ['../src/codec/index.ts', './other.ts'],
    'demo/other.ts': [],
  })
  expect(found).toEqual([
    'demo/index.ts: users-import-the-package',
    'src/attic/leaf.ts: sources-have-a-room',
    'src/codec/a.ts: no-cycles',
    'src/codec/past-type.ts: rooms-have-doors',
    'src/codec/past.ts: rooms-have-doors',
    'src/codec/sibling.ts: codec-knows-types-beside-it',
    'src/core/up.ts: core-imports-downwards',
    'src/net/leaf.ts: no-node-in-the-browser',
    'src/net/leaf.ts: no-server-packages-in-the-browser',
    'src/page/entry.ts: no-tests-in-the-product',
    'src/page/entry.ts: page-imports-downwards',
    'src/page/entry.ts: page-imports-downwards',
    'src/page/entry.ts: rooms-have-doors',
    'src/page/type.ts: page-imports-downwards',
    'src/store/leaf.ts: everything-is-found',
    'src/store/leaf.ts: no-development-packages-in-the-product',
    'sw/leaf.ts: service-worker-below-entries',
    'sw/past.ts: service-worker-uses-doors',
  ])
})
