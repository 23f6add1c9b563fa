import { parseRanges } from './parseRanges.ts'
import type { Representation } from './Representation.ts'

/**
 * Answers GET and HEAD for a whole representation or one range of it: 200, 206, 304 or 416. Several ranges
 * in one request are answered with the whole, which RFC 9110 section 14.2 permits.
 *
 * @param request its method, `Range`, `If-Range` and `If-None-Match` are looked at
 * @param what the bytes and their description
 * @param headers further headers
 */
export function rangedAnswer(
  request: Request,
  what: Representation,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const common = {
    'accept-ranges': 'bytes',
    etag: what.etag,
    'cache-control': 'no-store',
    ...headers,
  }
  if (
    request.headers
      .get('if-none-match')
      ?.split(/\s*,\s*/)
      .includes(what.etag) === true
  ) {
    return new Response(null, { status: 304, headers: common })
  }
  const ifRange = request.headers.get('if-range')
  const wanted = ifRange === null || ifRange === what.etag ? request.headers.get('range') : null
  const ranges = parseRanges(wanted, what.size)
  if (ranges === 'none') {
    return new Response(null, {
      status: 416,
      headers: { ...common, 'content-range': `bytes */${what.size}` },
    })
  }
  const one = ranges !== 'all' && ranges.length === 1 ? ranges[0] : undefined
  const range = one ?? { start: 0, end: what.size }
  return new Response(request.method === 'HEAD' ? null : what.read(range), {
    status: one === undefined ? 200 : 206,
    headers: {
      ...common,
      'content-type': what.contentType,
      'content-length': String(range.end - range.start),
      ...(one && { 'content-range': `bytes ${one.start}-${one.end - 1}/${what.size}` }),
    },
  })
}
