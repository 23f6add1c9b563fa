import type { AuthRequest } from './AuthRequest.ts'
import { headerOf } from './headerOf.ts'
import { trimEnds } from './trimEnds.ts'

/** Whether the body is one in which a token may stand: JSON that is posted. */
export function mayHoldToken(request: AuthRequest): boolean {
  if (request.method !== 'POST') return false
  const [type = ''] = headerOf(request.headers, 'content-type')?.split(';', 1) ?? []
  return trimEnds(type, ' \t').toLowerCase() === 'application/json'
}
