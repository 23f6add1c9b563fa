import type { Decision } from '../Decision.ts'
import type { RequestParts } from './RequestParts.ts'
import type { ServiceCredential } from './ServiceCredential.ts'
import type { SignOptions } from './SignOptions.ts'
import { signRequest } from './signRequest.ts'

/**
 * Headers that hand a decision to the service behind the gateway, with the request they belong to: the
 * signature covers the decision, so it can neither be changed nor moved to another request.
 *
 * @param decision as `decide` gave it
 * @param parts the request as it goes to the service behind
 * @param credential the gateway's
 * @throws TypeError when the URL is not absolute
 * @example
 * const headers = sealDecision(decision, { method: 'POST', url, body }, credential)
 */
export function sealDecision(
  decision: Decision,
  parts: Omit<RequestParts, 'decision'>,
  credential: ServiceCredential,
  options: SignOptions = {},
): Record<string, string> {
  // Headers carry visible ASCII only; escaped it stays the same JSON.
  const json = JSON.stringify(decision).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return signRequest({ ...parts, decision: json }, credential, options)
}
