import type { cache } from './cache.ts'
import type { gguf } from './gguf.ts'
import type { hub } from './hub.ts'
import type { hubExists } from './hubExists.ts'
import type { onnxruntime } from './onnxruntime.ts'
import type { onnxruntimeBlob } from './onnxruntimeBlob.ts'
import type { tensorflow } from './tensorflow.ts'
import type { transformersModel } from './transformersModel.ts'
import type { transformersPipeline } from './transformersPipeline.ts'
import type { webgpuRow } from './webgpuRow.ts'
import type { wllama } from './wllama.ts'
import type { xhr } from './xhr.ts'

/** Every client by its name. */
export interface Clients {
  'transformers model': () => Promise<typeof transformersModel>
  'transformers pipeline': () => Promise<typeof transformersPipeline>
  onnxruntime: () => Promise<typeof onnxruntime>
  'onnxruntime blob': () => Promise<typeof onnxruntimeBlob>
  wllama: () => Promise<typeof wllama>
  tensorflow: () => Promise<typeof tensorflow>
  'webgpu row': () => Promise<typeof webgpuRow>
  hub: () => Promise<typeof hub>
  'hub exists': () => Promise<typeof hubExists>
  gguf: () => Promise<typeof gguf>
  xhr: () => Promise<typeof xhr>
  cache: () => Promise<typeof cache>
}

/** Each in its own script, loaded on demand. */
export const clients: Clients = {
  'transformers model': async () => (await import('./transformersModel.ts')).transformersModel,
  'transformers pipeline': async () =>
    (await import('./transformersPipeline.ts')).transformersPipeline,
  onnxruntime: async () => (await import('./onnxruntime.ts')).onnxruntime,
  'onnxruntime blob': async () => (await import('./onnxruntimeBlob.ts')).onnxruntimeBlob,
  wllama: async () => (await import('./wllama.ts')).wllama,
  tensorflow: async () => (await import('./tensorflow.ts')).tensorflow,
  'webgpu row': async () => (await import('./webgpuRow.ts')).webgpuRow,
  hub: async () => (await import('./hub.ts')).hub,
  'hub exists': async () => (await import('./hubExists.ts')).hubExists,
  gguf: async () => (await import('./gguf.ts')).gguf,
  xhr: async () => (await import('./xhr.ts')).xhr,
  cache: async () => (await import('./cache.ts')).cache,
}
