// Finds the gateway's own credentials in a request, and removes them.

import type { AuthRequest } from '../auth/index.ts'

/**
 * A query without its tokens. The rest is unchanged, byte for byte, because it may be signed.
 *
 * @param search of a URL, with its question mark; or empty
 * @example queryWithoutToken('?a=%20&token=t&b') // '?a=%20&b'
 */
export function queryWithoutToken(search: string): string {
  // Most queries have no token, and an encoded name contains a percent sign.
  if (!search.includes('token') && !search.includes('%')) return search
  const rest = search
    .slice(1)
    .split('&')
    .filter((part) => !new URLSearchParams(part).has('token'))
    .join('&')
  return rest === '' ? '' : `?${rest}`
}

const credentials: ReadonlySet<string> = new Set(['authorization', 'x-pollinations-token'])

/**
 * A copy of a request for decisions in which tokens do not count: only address and origin do.
 *
 * @param request is not changed and not read
 * @param url of the request
 */
export function withoutCredentials(request: Request, url: URL): AuthRequest {
  const { headers } = request
  return {
    // Only a POST may have a token in its body.
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

/** Whether headers or query of a request may contain a credential. */
export function hasCredential({ headers }: Request, url: URL): boolean {
  for (const name of credentials) if (headers.has(name)) return true
  return queryWithoutToken(url.search) !== url.search
}
