import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { readJson } from '../answer/readJson.ts'
import { checkRepoName } from '../git/checkRepoName.ts'
import type { RepoId } from '../git/RepoId.ts'
import { repoKey } from '../git/repoKey.ts'
import type { HubContext } from '../HubContext.ts'

/**
 * Makes an empty repository. Not needed before a commit, which makes it as well.
 *
 * @param hub what handlers use
 * @param request JSON `{ name, organization?, type?, private? }`
 */
export async function createRepo(hub: HubContext, request: Request): Promise<Response> {
  const { name, organization, type = 'model', private: hidden } = await readJson(request)
  if (type !== 'model' && type !== 'dataset' && type !== 'space') {
    throw new HubRefusal(400, 'type must be model, dataset or space.')
  }
  if (hidden === true) {
    // Kept nowhere, it would come back public after a restart.
    throw new HubRefusal(400, 'Name private repositories in the options of the hub instead.')
  }
  const full = typeof organization === 'string' ? `${organization}/${String(name)}` : String(name)
  const repo: RepoId = { type, name: checkRepoName(full) }
  hub.guard.write(request, repo)
  const url = `${hub.hubOrigin(request)}/${repoKey(repo)}`
  if (await hub.repos.exists(repo)) {
    throw new HubRefusal(409, 'You already created this repository.')
  }
  await hub.repos.create(repo)
  return jsonAnswer({ url, id: repo.name })
}
