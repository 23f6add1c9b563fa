import { HubRefusal } from '../answer/HubRefusal.ts'
import type { Commit } from '../git/Commit.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'

/**
 * The commit a request is about.
 *
 * @param hub what handlers use
 * @param request whose rights were checked already
 * @param repo its repository
 * @param revision branch or 40-hex id
 * @throws HubRefusal 401 or 404, as the hub refuses absent repositories and revisions
 */
export async function findCommit(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
): Promise<Commit> {
  if (!(await hub.repos.exists(repo))) {
    throw request.headers.has('authorization')
      ? new HubRefusal(404, 'Repository not found', 'RepoNotFound')
      : new HubRefusal(401, 'Invalid username or password.')
  }
  const commit = await hub.repos.find(repo, revision)
  if (commit === undefined) {
    throw new HubRefusal(404, `Invalid rev id: ${revision}`, 'RevisionNotFound')
  }
  return commit
}
