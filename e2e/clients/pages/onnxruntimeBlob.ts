import { env, InferenceSession, Tensor } from 'onnxruntime-web/jspi'
import type { StageWindow } from '../../stage/StageWindow.ts'
import type { ClientTask } from './ClientTask.ts'

/** One row of a table that the model has as external data. The runtime reads it from the device. */
export async function onnxruntimeBlob({ hub, repo, row = 0 }: ClientTask): Promise<number[]> {
  const { ferry } = window as unknown as StageWindow
  env.wasm.wasmPaths = new URL('/ort/', location.origin).href
  env.wasm.numThreads = 1
  const url = `${hub}/${repo}/resolve/main/onnx/model.onnx`
  const data = await ferry.file(`${url}_data`)
  const externalData = [{ path: 'model.onnx_data', data }]
  const session = await InferenceSession.create(url, { executionProviders: ['wasm'], externalData })
  const { values } = await session.run({ row: new Tensor('int64', [BigInt(row)], [1]) })
  await session.release()
  return Array.from(values!.data as Float32Array)
}
