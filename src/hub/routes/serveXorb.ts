import { isAllowedRange } from '../answer/isAllowedRange.ts'
import { multipartAnswer } from '../answer/multipartAnswer.ts'
import { parseRanges } from '../answer/parseRanges.ts'
import { rangedAnswer } from '../answer/rangedAnswer.ts'
import { storageRefusal } from '../answer/storageRefusal.ts'
import type { HubContext } from '../HubContext.ts'
import { checkUrl } from '../signing/checkUrl.ts'

/**
 * Serves presigned bytes of a xorb: what the URL was signed for, while it was signed for, and nothing else.
 *
 * @param hub what handlers use
 * @param request GET or HEAD with a `Range`
 * @param hash of the xorb
 */
export function serveXorb(hub: HubContext, request: Request, hash: string): Response {
  const checked = checkUrl(hub.secrets, new URL(request.url), request.method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  const xorb = hub.xorbs.get(hash)
  if (xorb === undefined) return storageRefusal('The specified key does not exist', 'NoSuchKey')
  // Not clamped to the xorb: `0-` is not the signed `0-99`, even where it means the same bytes.
  const ranges = parseRanges(request.headers.get('range'), Number.MAX_SAFE_INTEGER)
  const what = {
    size: xorb.bytes,
    etag: `"${hash}"`,
    contentType: 'application/octet-stream',
    read: (range: { start: number; end: number }) => hub.xorbs.read(hash, range),
  }
  if (
    ranges === 'all' ||
    ranges === 'none' ||
    !ranges.every((range) => isAllowedRange(range, checked.ranges, hub.settings.exactRanges))
  ) {
    return storageRefusal('Auth failed: invalid range')
  }
  return ranges.length === 1 ? rangedAnswer(request, what) : multipartAnswer(request, what, ranges)
}
