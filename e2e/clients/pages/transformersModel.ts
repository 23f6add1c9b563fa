import { AutoModel, Tensor } from '@huggingface/transformers'
import type { ClientTask } from './ClientTask.ts'
import { findSpeech } from './findSpeech.ts'
import type { HeardSpeech } from './findSpeech.ts'
import { setUpTransformers } from './setUpTransformers.ts'

/** Result and progress of a transformers.js model. */
export interface ModelAnswer extends HeardSpeech {
  /** Largest reported total of the weights, bytes; 0 without progress. */
  readonly total: number
}

/** Silero's detector as a model of transformers.js. */
export async function transformersModel(task: ClientTask): Promise<ModelAnswer> {
  setUpTransformers(task)
  let total = 0
  const model = await AutoModel.from_pretrained(task.repo, {
    dtype: 'fp32',
    device: 'wasm',
    ...(task.revision !== undefined && { revision: task.revision }),
    ...(task.progress === true && {
      progress_callback: (info: { status: string; file?: string; total?: number }) => {
        if (info.status === 'progress' && info.file === 'onnx/model.onnx')
          total = Math.max(total, info.total ?? 0)
      },
    }),
  })
  const rate = new Tensor('int64', BigInt64Array.of(16_000n), [])
  const heard = await findSpeech(async (samples, state) => {
    const { output, stateN } = (await model({
      input: new Tensor('float32', samples, [1, samples.length]),
      state: new Tensor('float32', state, [2, 1, 128]),
      sr: rate,
    })) as { output: Tensor; stateN: Tensor }
    return { probability: output.data[0] as number, state: stateN.data as Float32Array }
  })
  await model.dispose()
  return { ...heard, total }
}
