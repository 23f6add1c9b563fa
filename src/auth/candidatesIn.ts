import type { AuthRequest } from './AuthRequest.ts'
import { authorizationCandidate } from './authorizationCandidate.ts'
import type { CredentialCandidate } from './CredentialCandidate.ts'
import { headerOf } from './headerOf.ts'
import { isToken68 } from './isToken68.ts'

/**
 * Everything in headers and query that stands where a credential belongs, in the order in which they count.
 *
 * @param queryTokens none when the query is not to be read
 */
export function candidatesIn(
  headers: AuthRequest['headers'],
  queryTokens: readonly string[],
): CredentialCandidate[] {
  const candidates: CredentialCandidate[] = []
  const authorization = headerOf(headers, 'authorization')
  const bearer = authorization === null ? null : authorizationCandidate(authorization)
  if (bearer !== null) candidates.push(bearer)
  const own = headerOf(headers, 'x-pollinations-token')
  if (own !== null) {
    const source = 'header:x-pollinations-token'
    candidates.push({ source, value: own, wellFormed: isToken68(own) })
  }
  for (const value of queryTokens)
    candidates.push({ source: 'query:token', value, wellFormed: isToken68(value) })
  return candidates
}
