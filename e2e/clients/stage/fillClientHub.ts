import { uploadFiles } from '@huggingface/hub'
import { startHub } from 'modelferry/hub'
import { sha256 } from '../../stage/sha256.ts'
import { stageToken } from '../../stage/stageToken.ts'
import type { StageFile } from '../../stage/StageFile.ts'
import { clientFiles } from './clientFiles.ts'

/**
 * Fills a hub's folder through the hub's own client.
 *
 * @param folder empty
 */
export async function fillClientHub(folder: string): Promise<StageFile[]> {
  const files = await clientFiles()
  const hub = await startHub({ open: true, folder })
  const filled: StageFile[] = []
  try {
    for (const repo of new Set(files.map((file) => file.repo))) {
      const shelf = files.filter((file) => file.repo === repo)
      const { commit } = (await uploadFiles({
        repo,
        hubUrl: hub.url,
        accessToken: stageToken,
        useXet: true,
        files: shelf.map(({ path, bytes }) => ({ path, content: new Blob([bytes as BlobPart]) })),
      }))!
      for (const { path, bytes } of shelf) {
        const { length: size } = bytes
        filled.push({ repo, path, commit: commit.oid, size, sha256: sha256(bytes) })
      }
    }
    return filled
  } finally {
    await hub.close()
  }
}
