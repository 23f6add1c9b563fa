import { parseRanges } from '../answer/parseRanges.ts'
import type { HubContext } from '../HubContext.ts'
import { signUrl } from '../signing/signUrl.ts'
import type { FilePlace } from './FilePlace.ts'
import type { LargeEntry } from './LargeEntry.ts'
import { linkedHeaders } from './linkedHeaders.ts'

/**
 * Sends a plain download to storage. A `Range` of this request is signed into the URL, which is then good for
 * nothing else: the real CDN does so, and clients that use such a URL again fail there.
 *
 * @param hub what handlers use
 * @param request GET or HEAD
 * @param place of the file
 * @param entry the file
 * @param xet whether to say how to get it as xorbs
 */
export function largeRedirect(
  hub: HubContext,
  request: Request,
  place: FilePlace,
  entry: LargeEntry,
  xet: boolean,
): Response {
  const ranges = parseRanges(request.headers.get('range'), entry.size)
  const location = signUrl(hub.secrets, {
    origin: hub.storageOrigin(request),
    path: `/lfs/${entry.sha256}`,
    method: 'GET',
    ranges: Array.isArray(ranges) ? ranges : [],
    expires: hub.clock.now() + hub.settings.urlLifetimeMs,
  })
  const body = new TextEncoder().encode('Found. Redirecting to storage.')
  return new Response(request.method === 'HEAD' ? null : body, {
    status: 302,
    headers: {
      ...linkedHeaders(hub, request, place, entry, xet),
      location,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.byteLength),
    },
  })
}
