import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { repoKey } from '../git/repoKey.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { findCommit } from './findCommit.ts'

/**
 * Describes a repository at a revision.
 *
 * @param hub what handlers use
 * @param request whose rights count
 * @param repo which repository
 * @param revision branch or 40-hex id
 */
export async function repoInfo(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
): Promise<Response> {
  hub.guard.see(request, repo)
  const commit = await findCommit(hub, request, repo, revision)
  const key = repoKey(repo)
  return jsonAnswer({
    id: repo.name,
    ...(repo.type === 'model' && { modelId: repo.name }),
    sha: commit.oid,
    lastModified: commit.date,
    private: hub.guard.private.has(key),
    gated: hub.guard.gated.has(key) ? 'auto' : false,
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
    siblings: Object.keys(commit.files).map((rfilename) => ({ rfilename })),
  })
}
