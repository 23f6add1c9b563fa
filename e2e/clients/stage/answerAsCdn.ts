import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))

/** Package, version, and a file that bundles of onnxruntime-web request. */
const RUNTIME = /^\/npm\/onnxruntime-web@([^/]+)\/dist\/([\w.-]+\.(?:mjs|wasm))$/

/** Answers like a CDN with one package, in the installed version. */
export async function answerAsCdn(request: Request): Promise<Response> {
  const [, version, name = ''] = RUNTIME.exec(new URL(request.url).pathname) ?? []
  const about = JSON.parse(await readFile(join(folder, '../package.json'), 'utf8')) as {
    version: string
  }
  const everybody = { 'access-control-allow-origin': '*' }
  if (version !== about.version)
    return new Response('no such file', { status: 404, headers: everybody })
  const type = name.endsWith('.wasm') ? 'application/wasm' : 'application/javascript'
  return new Response(await readFile(join(folder, name)), {
    headers: {
      'content-type': type,
      ...everybody,
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'cross-origin',
    },
  })
}
