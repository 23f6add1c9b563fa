import { env } from '@huggingface/transformers'
import type { ClientWish } from './ClientWish.ts'

/** Lets the library take its runtime from the site, and nothing else: the hub is where it looks by itself. */
export function setUpTransformers({ ownRuntime }: ClientWish): void {
  if (ownRuntime === true) return
  const runtime = new URL('/ort/ort-wasm-simd-threaded', location.origin).href
  const { wasm } = env.backends.onnx
  Object.assign(wasm!, { wasmPaths: { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` } })
  Object.assign(wasm!, { numThreads: 1 })
}
