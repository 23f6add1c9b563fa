// The page of `npm run bench -- pipeline`: libraries that load models, as an app's bundler packs them.
import { downloadFile } from '@huggingface/hub'
import { env as transformersEnv, pipeline } from '@huggingface/transformers'
import { Wllama } from '@wllama/wllama'
import { env, InferenceSession } from 'onnxruntime-web/webgpu'
import { setUpTransformers } from '../../e2e/clients/pages/setUpTransformers.ts'
import { bench } from '../page/main.ts'
import type { BenchFile } from '../stage/BenchFile.ts'

/** The interface of the page, as `libraries`. */
export interface Libraries {
  /** Starts onnxruntime-web with a model of one row, base64, so that its start does not count. */
  start(model: string): Promise<void>
  /**
   * Loads a model with a library in its default configuration, except that transformers.js can look in modelferry.
   *
   * @param file the only one that wllama and the hub's client load; transformers.js loads its whole repository
   * @returns milliseconds from the call of the library to its result
   */
  load(
    client: 'transformers' | 'wllama' | 'hub',
    hub: string,
    file: BenchFile,
    lookInFerry: boolean,
  ): Promise<number>
}

const libraries: Libraries = {
  async start(model) {
    setUpTransformers({ hub: '', repo: '' })
    Object.assign(env.wasm, transformersEnv.backends.onnx.wasm)
    const bytes = Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0))
    const session = await InferenceSession.create(bytes, {
      executionProviders: ['wasm'],
      externalData: [{ path: 'table', data: new Uint8Array(1024) }],
    })
    await session.release()
  },
  async load(client, hub, file, lookInFerry) {
    const { repo, path, size } = file
    const start = performance.now()
    if (client === 'transformers') {
      transformersEnv.remoteHost = `${hub}/`
      transformersEnv.useWasmCache = false
      if (lookInFerry) setUpTransformers({ hub, repo, advice: 'look in modelferry' })
      const model = await pipeline('image-segmentation', repo, { dtype: 'fp32', device: 'wasm' })
      const ms = performance.now() - start
      await model.dispose()
      return ms
    }
    const bytes = await (client === 'hub' ? byHub(hub, repo, path) : byWllama(hub, repo, path))
    const ms = performance.now() - start
    if (bytes !== size) throw new Error(`${client} loaded ${bytes} of ${size} bytes.`)
    return ms
  },
}

async function byHub(hubUrl: string, repo: string, path: string): Promise<number> {
  const blob = await downloadFile({ repo, path, hubUrl })
  return (await blob!.arrayBuffer()).byteLength
}

/** The library's own download, up to the files that it would give to its runtime. */
async function byWllama(hub: string, repo: string, path: string): Promise<number> {
  const { modelManager } = new Wllama({ default: '/wllama.wasm' })
  const model = await modelManager.downloadModel(`${hub}/${repo}/resolve/main/${path}`)
  const blobs = await model.open()
  return blobs.reduce((sum, blob) => sum + blob.size, 0)
}

// Named, because a bundler leaves out modules of which nothing is used.
Object.assign(globalThis, { bench, libraries })
