import { env } from '@huggingface/transformers'
import type { Ferry } from 'modelferry'
import { transformersCache } from 'modelferry'
import type { ClientTask } from './ClientTask.ts'

/** Configures the library to load its runtime from the site. The hub is its default. */
export function setUpTransformers({ ownRuntime, advice }: ClientTask): void {
  if (advice === 'keep nothing') keepNothing()
  const { ferry } = globalThis as unknown as { ferry: Ferry }
  if (advice === 'look in modelferry' || advice === 'fetch by modelferry') lookIn(ferry)
  if (advice === 'fetch by modelferry') fetchBy(ferry)
  if (ownRuntime === true) return
  const runtime = new URL('/ort/ort-wasm-simd-threaded', location.origin).href
  const { wasm } = env.backends.onnx
  Object.assign(wasm!, { wasmPaths: { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` } })
  Object.assign(wasm!, { numThreads: 1 })
}

function keepNothing(): void {
  env.useBrowserCache = false
}

function lookIn(ferry: Ferry): void {
  env.useBrowserCache = false
  env.useCustomCache = true
  env.customCache = transformersCache(ferry)
}

function fetchBy(ferry: Ferry): void {
  env.fetch = (input, init) => ferry.fetch(input, init)
}
