import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { repoKey } from '../git/repoKey.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { findCommit } from './findCommit.ts'
import { sealFor } from './sealFor.ts'

/**
 * Gives a CAS token for a repository, to whoever may read its files, or write them.
 *
 * @param hub what handlers use
 * @param request whose rights count
 * @param repo what the token is for
 * @param revision must exist for reading
 * @param scope of the token
 */
export async function giveToken(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
  scope: 'read' | 'write',
): Promise<Response> {
  if (new URL(request.url).searchParams.get('create_pr') === '1') {
    throw new HubRefusal(400, 'This hub has no pull requests. Write to a branch instead.')
  }
  if (scope === 'write') hub.guard.write(request, repo)
  else {
    hub.guard.see(request, repo)
    await findCommit(hub, request, repo, revision)
    hub.guard.read(request, repo)
  }
  const { accessToken, exp, casUrl } = sealFor(hub, request, repoKey(repo), scope)
  return jsonAnswer({ accessToken, exp, casUrl }, 200, {
    'x-xet-access-token': accessToken,
    'x-xet-token-expiration': String(exp),
    'x-xet-cas-url': casUrl,
  })
}
