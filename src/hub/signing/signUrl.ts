import type { ByteRange } from '../../core/ByteRange.ts'
import type { Secrets } from './Secrets.ts'
import { sign } from './sign.ts'
import { urlParts } from './urlParts.ts'

/**
 * A presigned URL, in the form object stores behind a CDN use.
 *
 * @param secrets the hub's
 * @param what `method` it is good for (GET covers HEAD); `ranges` it is good for, all when empty; `expires` in
 *   epoch milliseconds, rounded up to whole seconds
 * @example signUrl(secrets, { origin, path: `/xorbs/default/${hash}`, method: 'GET', ranges, expires })
 */
export function signUrl(
  secrets: Secrets,
  what: {
    readonly origin: string
    readonly path: string
    readonly method: 'GET' | 'PUT'
    readonly ranges: readonly ByteRange[]
    readonly expires: number
  },
): string {
  const expires = String(Math.ceil(what.expires / 1000))
  const ranges = what.ranges.map(({ start, end }) => `${start}-${end - 1}`).join(',')
  const key = `E${secrets.epoch}`
  const query = new URLSearchParams()
  if (ranges !== '') query.set('X-Xet-Signed-Range', `bytes=${ranges}`)
  query.set('Expires', expires)
  query.set('Key-Pair-Id', key)
  query.set('Signature', sign(secrets, urlParts(what.method, what.path, ranges, expires, key)))
  return `${what.origin}${what.path}?${query.toString()}`
}
