import { uploadFiles } from '@huggingface/hub'
import { sha256 } from '../../stage/sha256.ts'
import { stageToken } from '../../stage/stageToken.ts'
import type { StageFile } from '../../stage/StageFile.ts'

/**
 * Uploads files as one commit.
 *
 * @param hubUrl URL of the hub
 * @param repo `owner/name`
 * @param files bytes by path
 */
export async function uploadMany(
  hubUrl: string,
  repo: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<readonly StageFile[]> {
  const uploaded = await uploadFiles({
    repo,
    hubUrl,
    accessToken: stageToken,
    useXet: true,
    files: [...files].map(([path, bytes]) => ({ path, content: new Blob([bytes as BlobPart]) })),
  })
  const { oid: commit } = uploaded!.commit
  return [...files].map(([path, bytes]) => ({
    repo,
    path,
    commit,
    size: bytes.length,
    sha256: sha256(bytes),
  }))
}
