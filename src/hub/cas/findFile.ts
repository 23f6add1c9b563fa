import { HubRefusal } from '../answer/HubRefusal.ts'
import type { StoredFile } from '../disk/StoredFile.ts'
import { parseRepoKey } from '../git/parseRepoKey.ts'
import type { HubContext } from '../HubContext.ts'
import { openToken } from '../signing/openToken.ts'

/**
 * The file a CAS request is about, if its token reaches it: a read token opens what its repository holds, a
 * write token what any upload brought, since a file is not in a repository before it is committed.
 *
 * @param hub what handlers use
 * @param request its `Authorization` holds the CAS token
 * @param hash Xet file hash
 * @throws HubRefusal 401 for the token, 403 for its scope, 404 for the file
 */
export async function findFile(
  hub: HubContext,
  request: Request,
  hash: string,
): Promise<StoredFile> {
  const token = openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
  const file = await hub.objects.file(hash)
  if (file === undefined) throw new HubRefusal(404, `No file has the hash ${hash}.`)
  if (token.scope === 'read' && !(await hub.repos.holds(parseRepoKey(token.repo), hash))) {
    throw new HubRefusal(
      403,
      `This token is for ${token.repo}, which does not hold the file ${hash}.`,
    )
  }
  return file
}
