import type { Client } from './Client.ts'

/** Every client by its name, each in a script of its own, which comes when it is wanted. */
export const clients = {
  'transformers model': async () => (await import('./transformersModel.ts')).transformersModel,
  'transformers pipeline': async () =>
    (await import('./transformersPipeline.ts')).transformersPipeline,
  onnxruntime: async () => (await import('./onnxruntime.ts')).onnxruntime,
  wllama: async () => (await import('./wllama.ts')).wllama,
  tensorflow: async () => (await import('./tensorflow.ts')).tensorflow,
  hub: async () => (await import('./hub.ts')).hub,
  gguf: async () => (await import('./gguf.ts')).gguf,
  xhr: async () => (await import('./xhr.ts')).xhr,
  cache: async () => (await import('./cache.ts')).cache,
} satisfies Record<string, () => Promise<Client>>
