import { challenge } from '../answer/challenge.ts'
import { addCors } from '../cors/addCors.ts'

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
  headers.set('x-request-id', by.requestId)
  if (by.tokenInUrl) {
    // The address itself is a secret then: no cache may hold it, no other server be told of it.
    headers.set('cache-control', 'private, no-store')
    headers.set('referrer-policy', 'no-referrer')
  }
  // A 401 has to say how to do better (RFC 9110); with no token, nothing is wrong with one (RFC 6750).
  if (status === 401 && !headers.has('www-authenticate')) {
    headers.set('www-authenticate', challenge(by.realm))
  }
  if (by.reason !== undefined) headers.set('x-auth-result', by.reason)
  if (by.rateLimit !== undefined) {
    headers.set('ratelimit-policy', by.rateLimit.policy)
    headers.set('ratelimit', by.rateLimit.limit)
  }
  if (isPublic(headers)) dropPersonal(headers)
  addCors(headers, by.origin, by.exposeHeaders)
}

function isPublic(headers: Headers): boolean {
  const directives = headers.get('cache-control')?.toLowerCase().split(',') ?? []
  return directives.some((directive) => directive.trim() === 'public')
}

/** What a shared cache keeps is given to others, who were decided upon otherwise. */
function dropPersonal(headers: Headers): void {
  // Of a copy: what is deleted would make the iteration skip its neighbour.
  for (const name of Array.from(headers.keys())) {
    if (/^(?:x-auth-|x-debug-|ratelimit(?:-policy)?$|set-cookie$)/.test(name)) headers.delete(name)
  }
}
