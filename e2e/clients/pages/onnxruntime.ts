import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import type { ClientTask } from './ClientTask.ts'
import { findSpeech } from './findSpeech.ts'
import type { HeardSpeech } from './findSpeech.ts'

/** Silero's detector by its URL, fetched by onnxruntime-web itself. */
export async function onnxruntime(task: ClientTask): Promise<HeardSpeech> {
  const { hub, repo, path, revision, threads = 1 } = task
  env.wasm.wasmPaths = new URL('/ort/', location.origin).href
  env.wasm.numThreads = threads
  const url = `${hub}/${repo}/resolve/${revision ?? 'main'}/${path}`
  const session = await InferenceSession.create(url)
  const rate = new Tensor('int64', BigInt64Array.of(16_000n), [])
  const heard = await findSpeech(async (samples, state) => {
    const input = new Tensor('float32', samples, [1, samples.length])
    const { output, stateN } = await session.run({
      input,
      state: new Tensor('float32', state, [2, 1, 128]),
      sr: rate,
    })
    return { probability: output!.data[0] as number, state: stateN!.data as Float32Array }
  })
  await session.release()
  return heard
}
