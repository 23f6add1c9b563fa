import type { AuthRequest } from './AuthRequest.ts'
import { headerOf } from './headerOf.ts'
import { hostOfPage } from './hostOfPage.ts'

/**
 * Host of the page that asks: from Origin, else from Referer. An Origin that is there but of no use (`null`, a
 * path, two values) still hides the Referer: what a browser withholds is not looked up elsewhere.
 *
 * @returns null when none is named
 */
export function siteHost(headers: AuthRequest['headers']): string | null {
  const origin = headerOf(headers, 'origin')
  if (origin !== null) return hostOfPage(origin, 'origin')
  const referer = headerOf(headers, 'referer')
  return referer === null ? null : hostOfPage(referer, 'referer')
}
