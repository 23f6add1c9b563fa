import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { buildId } from './buildId.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'build-id-'))
  for (const name of ['package.json', 'package-lock.json', 'vite.config.ts']) write(name, '{}')
  write('src/worker/index.ts', '1')
  write('src/hub/index.ts', '1')
  write('sw/script.ts', '1')
})

afterEach(() => rmSync(root, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
  writeFileSync(path.join(root, name), text)
}

test.each([
  ['src/worker/index.ts', true],
  ['sw/script.ts', true],
  ['src/core/new.ts', true],
  ['package-lock.json', true],
  ['src/hub/index.ts', false],
  ['src/worker/worker.test.ts', false],
])('a change of %s changes the build id: %s', (name, another) => {
  const before = buildId(root)
  expect(before).toMatch(/^[0-9a-f]{12}$/)
  write(name, '2')
  expect(buildId(root) !== before).toBe(another)
})

test('a copy in another folder has the same build id', () => {
  const copy = `${root}-copy`
  cpSync(root, copy, { recursive: true })
  try {
    expect(buildId(copy)).toBe(buildId(root))
  } finally {
    rmSync(copy, { recursive: true })
  }
})
