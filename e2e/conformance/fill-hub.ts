import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadFiles } from '@huggingface/hub'
import { startHub } from 'modelferry/hub'
import type { RunningHub } from 'modelferry/hub'
import { stageToken } from '../stage/stageToken.ts'
import type { Pair } from './cells.ts'
import { hubPath, hubRepo, truthOf } from './world.ts'

/**
 * Starts a hub with a file for each pair that is tested behind proxies. No two files share bytes, so stored files
 * cannot help another pair.
 *
 * @returns undefined where no pair needs one
 */
export async function fillHub(pairs: readonly Pair[]): Promise<RunningHub | undefined> {
  const needed = pairs.filter(({ behaviour }) => behaviour.place === 'hub')
  if (needed.length === 0) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-conformance-'))
  const hub = await startHub({ folder, open: true })
  await uploadFiles({
    repo: hubRepo,
    hubUrl: hub.url,
    accessToken: stageToken,
    useXet: true,
    files: needed.flatMap(({ behaviour, way }) => {
      const [path, truth] = [hubPath(behaviour, way.name), truthOf(behaviour, way.name, 'second')]
      const twin = { path: path.replace(/[^/]+$/, 'twin.onnx'), bytes: truth.toReversed() }
      return [{ path, bytes: truth }, ...(behaviour.twin ? [twin] : [])].map((file) => ({
        path: file.path,
        content: new Blob([file.bytes as BlobPart]),
      }))
    }),
  })
  return {
    ...hub,
    async close() {
      await hub.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
