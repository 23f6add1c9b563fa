import type { Frontend } from './Frontend.ts'
import { hasOrigin } from './hasOrigin.ts'

/** What identifies a front end on one request. */
export interface Identity {
  readonly headers: Readonly<Record<string, string>>
  readonly referrer: string
  readonly referrerPolicy: ReferrerPolicy
}

const nobody: Identity = { headers: {}, referrer: '', referrerPolicy: 'no-referrer' }

/**
 * Front-end identity for an address: `x-app-id` and the page's origin as referrer where they were configured,
 * nothing at all elsewhere. Workers have to name the referrer: those made from a blob send none by themselves.
 *
 * @param url where the request goes
 * @param page origin of the page
 */
export function identityFor(url: string, frontend: Frontend | undefined, page: string): Identity {
  if (!frontend || !hasOrigin(url, frontend.origins)) return nobody
  return { headers: { 'x-app-id': frontend.app }, referrer: `${page}/`, referrerPolicy: 'origin' }
}
