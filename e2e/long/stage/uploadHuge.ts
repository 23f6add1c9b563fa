import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { uploadFiles } from '@huggingface/hub'
import { makeBytes } from '../../stage/makeBytes.ts'
import { sha256 } from '../../stage/sha256.ts'
import { stageToken } from '../../stage/stageToken.ts'
import type { HugeFile } from './HugeFile.ts'

const slice = 8 * 2 ** 20

/**
 * Creates a file with all textures on disk and uploads it from there.
 *
 * @param hubUrl URL of the hub
 * @param folder for the file, which may be deleted afterwards
 * @param size in bytes, a multiple of 4
 */
export async function uploadHuge(hubUrl: string, folder: string, size: number): Promise<HugeFile> {
  const place = join(folder, 'huge.gguf')
  const digests: string[] = []
  const whole = createHash('sha256')
  const file = await open(place, 'w')
  try {
    for (let start = 0; start < size; start += slice) {
      const length = Math.min(slice, size - start)
      const bytes = makeBytes(length, digests.length + 1, ['noise', 'floats', 'noise', 'text'])
      await file.write(bytes)
      whole.update(bytes)
      digests.push(sha256(bytes))
    }
  } finally {
    await file.close()
  }
  const named = { repo: 'stage/huge', path: 'huge.gguf' }
  const uploaded = await uploadFiles({
    repo: named.repo,
    hubUrl,
    accessToken: stageToken,
    useXet: true,
    files: [{ path: named.path, content: pathToFileURL(place) }],
  })
  return {
    ...named,
    commit: uploaded!.commit.oid,
    size,
    sha256: whole.digest('hex'),
    digests,
    slice,
  }
}
