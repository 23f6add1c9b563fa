import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { compileCodec } from './build/compileCodec.ts'

// Run after a change in src/codec/assembly/: compiles it into src/codec/codec-wasm.json, which is checked in.

const root = path.resolve(import.meta.dirname, '..')
await writeFile(path.join(root, 'src/codec/codec-wasm.json'), await compileCodec(root))
