import { challenge } from '../answer/challenge.ts'
import { addCors } from '../cors/addCors.ts'
import { dressAny } from './dressAny.ts'

/** What an answer's headers follow from. */
export interface Dressing {
  readonly requestId: string
  /** `Origin` of the request. */
  readonly origin: string | null
  readonly realm: string
  /** Reason of the decision; undefined: none was made. */
  readonly reason: string | undefined
  readonly rateLimit: { readonly policy: string; readonly limit: string } | undefined
  /** Whether the request's address holds a token. */
  readonly tokenInUrl: boolean
  readonly exposeHeaders: readonly string[] | undefined
}

/**
 * Adds to an answer's headers what the gateway has to say.
 *
 * @param headers changed in place
 * @param status of the answer
 */
export function dress(headers: Headers, status: number, by: Dressing): void {
  dressAny(headers, by)
  // A 401 has to say how to do better (RFC 9110); with no token, nothing is wrong with one (RFC 6750).
  if (status === 401 && !headers.has('www-authenticate')) {
    headers.set('www-authenticate', challenge(by.realm))
  }
  if (by.reason !== undefined) headers.set('x-auth-result', by.reason)
  if (by.rateLimit !== undefined) {
    headers.set('ratelimit-policy', by.rateLimit.policy)
    headers.set('ratelimit', by.rateLimit.limit)
  }
  if (isShared(headers)) dropPersonal(headers)
  addCors(headers, by.origin, by.exposeHeaders)
}

/** Whether an answer says that caches may keep it, and does not keep shared ones out (RFC 9111, section 3). */
function isShared(headers: Headers): boolean {
  const text = headers.get('cache-control')
  if (text === null) return false
  const names = text
    .toLowerCase()
    .split(',')
    .map((directive) => directive.split('=', 1)[0]?.trim())
  if (names.includes('private') || names.includes('no-store')) return false
  return ['public', 's-maxage', 'max-age', 'immutable'].some((name) => names.includes(name))
}

/** What a shared cache keeps is given to others, who were decided upon otherwise. */
function dropPersonal(headers: Headers): void {
  // Of a copy: what is deleted would make the iteration skip its neighbour.
  for (const name of Array.from(headers.keys())) {
    if (/^(?:x-auth-|x-debug-|ratelimit(?:-policy)?$|set-cookie$)/.test(name)) headers.delete(name)
  }
}
