import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'

import { compileCodec } from './compileCodec.ts'

const root = path.resolve(import.meta.dirname, '../..')

it('the committed module is up to date (else run "npm run wasm")', async () => {
  const text = await readFile(path.join(root, 'src/codec/codec-wasm.json'), 'utf8')
  expect(await compileCodec(root)).toBe(text)
})
