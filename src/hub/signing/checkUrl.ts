import type { ByteRange } from '../../core/ByteRange.ts'
import type { Secrets } from './Secrets.ts'
import { isSigned } from './isSigned.ts'
import { urlParts } from './urlParts.ts'

/**
 * Whether a presigned URL may be used now.
 *
 * @param secrets the hub's
 * @param url as requested
 * @param method of the request; HEAD counts as GET
 * @param now epoch milliseconds
 * @returns the ranges it was signed for (empty: any), or what is wrong with it
 */
export function checkUrl(
  secrets: Secrets,
  url: URL,
  method: string,
  now: number,
): { readonly ranges: readonly ByteRange[] } | { readonly refused: string } {
  const query = url.searchParams
  const ranges = (query.get('X-Xet-Signed-Range') ?? '').replace(/^bytes=/, '')
  const expires = query.get('Expires') ?? ''
  const key = query.get('Key-Pair-Id') ?? ''
  const verb = method === 'PUT' ? 'PUT' : 'GET'
  const parts = urlParts(verb, url.pathname, ranges, expires, key)
  if (!isSigned(secrets, parts, query.get('Signature') ?? '')) {
    return { refused: 'The signature does not fit this URL' }
  }
  if (key !== `E${secrets.epoch}` || now >= Number(expires) * 1000) {
    return { refused: 'Request has expired' }
  }
  const signed = ranges.split(',').filter((range) => range !== '')
  return {
    ranges: signed.map((range) => {
      const [start, last] = range.split('-').map(Number) as [number, number]
      return { start, end: last + 1 }
    }),
  }
}
