// Where the gateway's own credentials stand in a request, and how they are left out.

import type { AuthRequest } from '../auth/index.ts'

/**
 * A query without its tokens. The rest stays as it is, byte for byte: it may be signed.
 *
 * @param search as of a URL, with its question mark; or empty
 * @example queryWithoutToken('?a=%20&token=t&b') // '?a=%20&b'
 */
export function queryWithoutToken(search: string): string {
  // Most have none, and an encoded name has a percent sign.
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
 * A request as it is decided where tokens do not count: by address and origin alone.
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

/** Whether headers or query of a request hold something that may be a credential. */
export function hasCredential({ headers }: Request, url: URL): boolean {
  for (const name of credentials) if (headers.has(name)) return true
  return queryWithoutToken(url.search) !== url.search
}
