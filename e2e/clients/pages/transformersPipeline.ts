import { pipeline, RawImage } from '@huggingface/transformers'
import type { ClientTask } from './ClientTask.ts'
import { setUpTransformers } from './setUpTransformers.ts'

const WIDTH = 320
const HEIGHT = 160

/** Fraction of a picture that the mask covers, 0 to 1. */
export interface FoundText {
  /** In the area with words. */
  readonly words: number
  /** In the blank area. */
  readonly paper: number
}

/** A text detector as a pipeline of transformers.js, over words drawn on a canvas. */
export async function transformersPipeline(task: ClientTask): Promise<FoundText> {
  setUpTransformers(task)
  const find = await pipeline('image-segmentation', task.repo, {
    dtype: 'fp32',
    device: 'wasm',
    ...(task.revision !== undefined && { revision: task.revision }),
    ...(task.progress === true && { progress_callback: () => {} }),
  })
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT)
  const pen = canvas.getContext('2d')!
  pen.fillStyle = 'white'
  pen.fillRect(0, 0, WIDTH, HEIGHT)
  pen.fillStyle = 'black'
  pen.font = 'bold 40px sans-serif'
  pen.fillText('service worker', 10, 60, WIDTH - 20)
  const [found] = (await find(RawImage.fromCanvas(canvas))) as { mask: RawImage }[]
  const { data, channels } = found!.mask
  await find.dispose()
  const mean = (top: number, bottom: number): number => {
    let sum = 0
    for (let y = top; y < bottom; y++)
      for (let x = 20; x < WIDTH - 20; x++) sum += data[(y * WIDTH + x) * channels]!
    return sum / ((bottom - top) * (WIDTH - 40)) / 255
  }
  return { words: mean(35, 60), paper: mean(100, HEIGHT) }
}
