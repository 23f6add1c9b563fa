import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runProgram } from '../steps/runProgram.ts'

/** Nine pages hold all areas of `codecLayout` and the module's own few kilobytes. */
const pages = '9'

/**
 * Compiles the codec from its AssemblyScript.
 *
 * @param root the project's root
 * @returns the text of `src/codec/codec-wasm.json`: the module as one JSON string, for `unpacked` in `src/codec/wasm.ts`
 * @throws Error with the compiler's messages
 */
export async function compileCodec(root: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'modelferry-codec-'))
  try {
    const outFile = path.join(folder, 'codec.wasm')
    const compiler = path.join(root, 'node_modules/assemblyscript/bin/asc.js')
    const memory = ['--initialMemory', pages, '--maximumMemory', pages]
    const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', ...memory]
    const source = 'src/codec/assembly/codec.ts'
    await runProgram(process.execPath, [compiler, source, '--outFile', outFile, ...options], {
      cwd: root,
      show: false,
    })
    return `${JSON.stringify(packed(await readFile(outFile)))}\n`
  } finally {
    await rm(folder, { recursive: true })
  }
}

function packed(bytes: Uint8Array): string {
  return Array.from(bytes, characters).join('')
}

/** One or two characters; 7 and 88 are the numbers that give the smallest loader. */
function characters(byte: number): string {
  const value = (byte + 7) % 256
  return ['', '}', '~'][Math.floor(value / 88)] + String.fromCharCode(36 + (value % 88))
}
