import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { readJson } from '../answer/readJson.ts'
import { checkPath } from '../git/checkPath.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { uploadMode } from './uploadMode.ts'

/**
 * Tells a client how each file of a commit is to be sent.
 *
 * @param hub what handlers use
 * @param request JSON `{ files: [{ path, size }] }`
 * @param repo where the files are to be committed
 */
export async function preupload(
  hub: HubContext,
  request: Request,
  repo: RepoId,
): Promise<Response> {
  hub.guard.write(request, repo)
  const { files } = await readJson(request)
  if (!Array.isArray(files)) throw new HubRefusal(400, 'files must be a list.')
  return jsonAnswer({
    files: files.map((file: unknown) => {
      const { path, size } = (file ?? {}) as { path?: unknown; size?: unknown }
      if (typeof path !== 'string' || typeof size !== 'number') {
        throw new HubRefusal(400, 'Each file needs a path and a size.')
      }
      return { path: checkPath(path), uploadMode: uploadMode(path, size), shouldIgnore: false }
    }),
  })
}
