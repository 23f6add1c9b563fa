import { jsonAnswer } from '../answer/jsonAnswer.ts'
import type { HubContext } from '../HubContext.ts'
import type { FilePlace } from './FilePlace.ts'
import type { LargeEntry } from './LargeEntry.ts'
import { linkedHeaders } from './linkedHeaders.ts'

/**
 * Says how to get a file as xorbs: in headers, and once more as JSON.
 *
 * @see Xet protocol, section on ways to ask for file info
 */
export function fileInfoAnswer(
  hub: HubContext,
  request: Request,
  place: FilePlace,
  entry: LargeEntry,
): Response {
  const headers = linkedHeaders(hub, request, place, entry, true)
  const [auth, info] = [...headers['link']!.matchAll(/<([^>]+)>/g)].map((match) => match[1])
  const body = {
    hash: entry.xetHash,
    refreshUrl: auth,
    reconstructionUrl: info,
    etag: headers['x-linked-etag'],
    size: entry.size,
  }
  const answer = jsonAnswer(body, 200, {
    ...headers,
    'content-type': 'application/vnd.xet-fileinfo+json',
  })
  return request.method === 'HEAD' ? new Response(null, answer) : answer
}
