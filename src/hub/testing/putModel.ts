import { uploadFile } from '@huggingface/hub'
import { readModel } from './readModel.ts'
import type { TestHub } from './TestHub.ts'

/** Uploads a real model of 1.3 MB, one xorb, as `model.onnx`, and returns its bytes. */
export async function putModel(hub: TestHub, repo = 'me/vad'): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readModel('silero_vad_half.onnx')
  const file = { path: 'model.onnx', content: new Blob([bytes]) }
  await uploadFile({ ...hub.client, repo, file })
  return bytes
}
