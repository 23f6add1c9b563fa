import { uploadFiles } from '@huggingface/hub'
import { startHub } from 'modelferry/hub'
import { fileBytes } from './fileBytes.ts'
import type { Library } from './Library.ts'
import { sha256 } from './sha256.ts'
import { stageToken } from './stageToken.ts'
import type { StageFile } from './StageFile.ts'

type Name = keyof Library['files']

const shelves: readonly { repo: string; paths: Partial<Record<Name, string>> }[] = [
  { repo: 'stage/silero', paths: { vad: 'onnx/model.onnx' } },
  { repo: 'stage/ocr', paths: { rec: 'rec.onnx', config: 'config.json' } },
  { repo: 'stage/mixed', paths: { mixed: 'model.safetensors' } },
  { repo: 'stage/wide', paths: { wide: 'wide.bin' } },
  { repo: 'stage/large', paths: { large: 'large.gguf' } },
]

/**
 * Fills a hub's folder through the hub's own client.
 *
 * @param folder empty
 */
export async function fillLibrary(folder: string): Promise<Library['files']> {
  const hub = await startHub({ open: true, folder })
  const files: Partial<Record<Name, StageFile>> = {}
  try {
    for (const { repo, paths } of shelves) {
      const wanted = Object.entries(paths) as [Name, string][]
      const loaded = await Promise.all(
        wanted.map(async ([name, path]) => ({ name, path, bytes: await fileBytes[name]() })),
      )
      const { commit } = (await uploadFiles({
        repo,
        hubUrl: hub.url,
        accessToken: stageToken,
        useXet: true,
        files: loaded.map(({ path, bytes }) => ({ path, content: new Blob([bytes as BlobPart]) })),
      }))!
      for (const { name, path, bytes } of loaded) {
        const { length: size } = bytes
        files[name] = { repo, path, commit: commit.oid, size, sha256: sha256(bytes) }
      }
    }
    return files as Library['files']
  } finally {
    await hub.close()
  }
}
