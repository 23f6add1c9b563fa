import type { StageWindow } from '../../stage/StageWindow.ts'
import type { ClientTask } from './ClientTask.ts'

/** One row of a table: a slice of the file on the device, copied into a buffer of the GPU and read back. */
export async function webgpuRow({ hub, repo, row: wanted = 0 }: ClientTask): Promise<number[]> {
  const { ferry } = window as unknown as StageWindow
  const folder = `${hub}/${repo}/resolve/main/onnx`
  const { signal } = new AbortController()
  const adapter = await navigator.gpu.requestAdapter()
  const device = await adapter!.requestDevice()
  const offset = 1024 * wanted
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
  const buffer = device.createBuffer({ size: 1024, usage })

  const weights = await ferry.file(`${folder}/model.onnx_data`, { signal })
  const row = new Float32Array(await weights.slice(offset, offset + 1024).arrayBuffer())
  device.queue.writeBuffer(buffer, 0, row) // WebGPU

  const readable = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ
  const copy = device.createBuffer({ size: 1024, usage: readable })
  const commands = device.createCommandEncoder()
  commands.copyBufferToBuffer(buffer, 0, copy, 0, 1024)
  device.queue.submit([commands.finish()])
  await copy.mapAsync(GPUMapMode.READ)
  const values = [...new Float32Array(copy.getMappedRange())]
  device.destroy()
  return values
}
