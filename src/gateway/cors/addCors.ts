import { mergeNames } from './mergeNames.ts'

const exposed = 'retry-after, ratelimit, ratelimit-policy, x-request-id, x-auth-result'

/**
 * Lets pages of any origin read an answer, with what the answer's maker exposed already.
 *
 * @param headers changed in place
 * @param origin of the page; null: none was named
 * @param exposeHeaders of the service
 */
export function addCors(
  headers: Headers,
  origin: string | null,
  exposeHeaders: readonly string[] = [],
): void {
  headers.set('vary', mergeNames(headers.get('vary'), 'Origin'))
  // Ambient credentials are none of ours: a page that could send them could use what its user did not give it.
  headers.delete('access-control-allow-credentials')
  headers.delete('access-control-allow-origin')
  if (origin === null) return
  headers.set('access-control-allow-origin', origin)
  const own = headers.get('access-control-expose-headers')
  headers.set('access-control-expose-headers', mergeNames(own, exposed, exposeHeaders.join(',')))
}
