import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { SiteAnswer } from '../../stage/SiteAnswer.ts'

const { resolve } = createRequire(import.meta.url)

/**
 * The files that the clients' app serves itself: its scripts and their runtimes.
 *
 * @param bundle folder of the scripts
 */
export async function siteFiles(bundle: string): Promise<[path: string, answer: SiteAnswer][]> {
  const runtime = 'ort-wasm-simd-threaded'
  const files = [
    ...(await readdir(bundle)).map((name) => [`/clients/${name}`, join(bundle, name)] as const),
    [`/ort/${runtime}.mjs`, resolve(`onnxruntime-web/${runtime}.mjs`)] as const,
    [`/ort/${runtime}.wasm`, resolve(`onnxruntime-web/${runtime}.wasm`)] as const,
    [`/ort/${runtime}.jspi.mjs`, resolve(`onnxruntime-web/${runtime}.jspi.mjs`)] as const,
    [`/ort/${runtime}.jspi.wasm`, resolve(`onnxruntime-web/${runtime}.jspi.wasm`)] as const,
    ['/wllama/wllama.wasm', resolve('@wllama/wllama/esm/wasm/wllama.wasm')] as const,
  ]
  return await Promise.all(
    files.map(async ([path, file]): Promise<[string, SiteAnswer]> => {
      const type = path.endsWith('.wasm') ? 'application/wasm' : 'text/javascript; charset=utf-8'
      const headers = { 'content-type': type, 'cache-control': 'no-cache' }
      return [path, { headers, body: await readFile(file) }]
    }),
  )
}
