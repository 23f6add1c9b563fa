import type { Frontend } from '../auth/Frontend.ts'
import { hasOrigin } from '../auth/hasOrigin.ts'
import { identityFor } from '../auth/identityFor.ts'
import type { Fetch } from '../net/Fetch.ts'

/** Addresses that are known to redirect, at most. */
const limit = 500

/**
 * `fetch` that shows the front end where it was configured for the request's origin, and no referrer to other
 * hosts than the page's.
 *
 * The label does not follow a redirect: a browser would take it along to any host, so a redirect is not
 * followed while it is there, but asked for again without it. Only a request that changes something cannot
 * be sent twice; if it is redirected, the browser takes the label along (where the other host's CORS allows
 * it). The page's origin is shown to the other host either way, as `Origin`; where page and gateway share an
 * origin, a request that is redirected identifies nobody.
 *
 * @param fetch the platform's, except in tests
 * @param page origin of the page
 */
export function identified(
  frontend: Frontend | undefined,
  fetch: Fetch = (url, init) => globalThis.fetch(url, init),
  page: string = globalThis.location.origin,
): Fetch {
  const redirecting = new Set<string>()
  return async (url, init = {}) => {
    const { headers: added, referrer, referrerPolicy } = identityFor(url, frontend, page)
    const bare: RequestInit = hasOrigin(url, [page])
      ? init
      : { ...init, referrerPolicy: 'no-referrer' }
    if (referrer === '' || redirecting.has(url)) return await fetch(url, bare)
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(added)) headers.set(name, value)
    const { method = 'GET', redirect = 'follow' } = init
    const repeatable = ['GET', 'HEAD'].includes(method) && redirect === 'follow'
    const shown = { ...init, headers, referrer, referrerPolicy }
    if (!repeatable) return await fetch(url, shown)
    const response = await fetch(url, { ...shown, redirect: 'manual' })
    if (response.type !== 'opaqueredirect') return response
    redirecting.add(url)
    const [oldest] = redirecting
    if (redirecting.size > limit && oldest !== undefined) redirecting.delete(oldest)
    return await fetch(url, bare)
  }
}
