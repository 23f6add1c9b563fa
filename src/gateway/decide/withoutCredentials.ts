import type { AuthRequest } from '../../auth/AuthRequest.ts'
import { queryWithoutToken } from '../services/queryWithoutToken.ts'

const credentials: ReadonlySet<string> = new Set(['authorization', 'x-pollinations-token'])

/**
 * A request as it is decided where tokens do not count: who asks is told by address and origin alone.
 *
 * @param request stays as it is, and is not read
 * @param url of the request
 */
export function withoutCredentials(request: Request, url: URL): AuthRequest {
  const { headers } = request
  return {
    // Only a POST may hold a token in its body.
    method: 'GET',
    url: `${url.origin}${url.pathname}${queryWithoutToken(url.search)}`,
    headers: {
      get: (name) => (isShown(name) ? headers.get(name) : null),
      has: (name) => isShown(name) && headers.has(name),
    },
    clone: () => ({ body: null }),
  }
}

function isShown(name: string): boolean {
  return !credentials.has(name.toLowerCase())
}
