import type { ByteRange } from '../../core/ByteRange.ts'
import { isAllowedRange } from '../answer/isAllowedRange.ts'
import { parseRanges } from '../answer/parseRanges.ts'
import { rangedAnswer } from '../answer/rangedAnswer.ts'
import { storageRefusal } from '../answer/storageRefusal.ts'
import { streamOf } from '../answer/streamOf.ts'
import { readFileBytes } from '../cas/readFileBytes.ts'
import type { HubContext } from '../HubContext.ts'
import { checkUrl } from '../signing/checkUrl.ts'

/**
 * Serves a whole large file from presigned storage: what plain downloads are redirected to. A file that came
 * as xorbs is put together on the way.
 *
 * @param hub what handlers use
 * @param request GET or HEAD, with or without `Range`; when the redirect was asked for with a `Range`, the URL
 *   is good for that range only, as on the real CDN
 * @param sha256 of the file
 */
export async function serveLarge(
  hub: HubContext,
  request: Request,
  sha256: string,
): Promise<Response> {
  const checked = checkUrl(hub.secrets, new URL(request.url), request.method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  const large = await hub.objects.large(sha256)
  if (large === undefined) return storageRefusal('The specified key does not exist', 'NoSuchKey')
  if (checked.ranges.length > 0) {
    const wanted = parseRanges(request.headers.get('range'), large.size)
    const allowed =
      Array.isArray(wanted) &&
      wanted.every((range) => isAllowedRange(range, checked.ranges, hub.settings.exactRanges))
    if (!allowed) return storageRefusal('Auth failed: invalid range')
  }
  const file = large.xetHash === undefined ? undefined : await hub.objects.file(large.xetHash)
  return rangedAnswer(request, {
    size: large.size,
    // The CDN names the bytes its own way: never the SHA-256 that the hub gives as linked ETag.
    etag: `"${large.xetHash ?? sha256.slice(0, 32)}"`,
    contentType: 'application/octet-stream',
    read: (range: ByteRange) =>
      file === undefined
        ? hub.objects.readPlain(sha256, range)
        : streamOf(readFileBytes(hub.xorbs, file, range)),
  })
}
