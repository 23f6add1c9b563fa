import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { readJson } from '../answer/readJson.ts'
import { entryAt } from '../git/entryAt.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { findCommit } from './findCommit.ts'
import { pathInfo } from './pathInfo.ts'

/**
 * Describes those of some paths that a revision holds.
 *
 * @param hub what handlers use
 * @param request JSON `{ paths: [...] }`
 * @param repo which repository
 * @param revision branch or 40-hex id
 */
export async function pathsInfo(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
): Promise<Response> {
  hub.guard.see(request, repo)
  const commit = await findCommit(hub, request, repo, revision)
  const { paths } = await readJson(request)
  if (!Array.isArray(paths)) throw new HubRefusal(400, 'paths must be a list.')
  const masked = !hub.guard.mayRead(request, repo)
  return jsonAnswer(
    paths.flatMap((path: unknown) => {
      const entry = entryAt(commit, String(path))
      return entry === undefined ? [] : pathInfo(String(path), entry, masked)
    }),
  )
}
