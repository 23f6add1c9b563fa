import { repoKey } from '../git/repoKey.ts'
import type { HubContext } from '../HubContext.ts'
import type { FilePlace } from './FilePlace.ts'
import type { LargeEntry } from './LargeEntry.ts'

/**
 * What the hub says about a large file in headers.
 *
 * @param hub what handlers use
 * @param request for the origin that links point to
 * @param place of the file
 * @param entry the file
 * @param xet whether to say how to get it as xorbs
 */
export function linkedHeaders(
  hub: HubContext,
  request: Request,
  place: FilePlace,
  entry: LargeEntry,
  xet: boolean,
): Record<string, string> {
  const { type } = place.repo
  const origin = hub.hubOrigin(request)
  const api = `${origin}/api/${type === 'model' ? 'models/' : ''}${repoKey(place.repo)}`
  const headers: Record<string, string> = {
    'x-linked-size': String(entry.size),
    'x-linked-etag': `"${entry.sha256}"`,
    'x-repo-commit': place.commit,
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
  }
  if (xet && entry.xetHash !== undefined) {
    headers['x-xet-hash'] = entry.xetHash
    headers['link'] =
      `<${api}/xet-read-token/${place.commit}>; rel="xet-auth", ` +
      `<${origin}/v1/reconstructions/${entry.xetHash}>; rel="xet-reconstruction-info"`
  }
  return headers
}
