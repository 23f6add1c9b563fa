import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { compileCodec } from './build/compileCodec.ts'

// Run after a change in src/codec/assembly/: compiles it into src/codec/codecWasm.ts, which is checked in.

const root = path.resolve(import.meta.dirname, '..')
await writeFile(path.join(root, 'src/codec/codecWasm.ts'), await compileCodec(root))
