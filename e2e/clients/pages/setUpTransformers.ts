import { env } from '@huggingface/transformers'

/** Lets the library take its runtime from the site: all that is set, the hosts are its own. */
export function setUpTransformers(): void {
  const runtime = new URL('/ort/ort-wasm-simd-threaded', location.origin).href
  const { wasm } = env.backends.onnx
  Object.assign(wasm!, { wasmPaths: { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` } })
  Object.assign(wasm!, { numThreads: 1 })
}
