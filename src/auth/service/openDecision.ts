import type { Decision } from '../Decision.ts'
import type { RequestVerifier, VerifyLimits } from './RequestVerifier.ts'
import { readDecision } from './readDecision.ts'
import { signatureHeaders } from './signatureHeaders.ts'

/**
 * What a service behind a gateway may believe. `none`: there is no signed decision, and a header that claims to
 * be one is ignored; the service decides for itself. `refused` is answered with 401, `too-large` with 413.
 */
export type OpenedDecision =
  | {
      readonly state: 'trusted'
      readonly decision: Decision
      /** Key id of the gateway. */
      readonly keyId: string
      /** The request's body, which the check has consumed. */
      readonly body: Uint8Array
    }
  | { readonly state: 'none' }
  | { readonly state: 'refused' }
  | { readonly state: 'too-large' }

/**
 * Takes the decision out of a request, when the gateway's signature covers it.
 *
 * @param request its body is consumed, except for `none`
 * @param verify made from the gateway's credentials
 * @returns rejects only with the reason of an aborted signal
 * @example
 * const opened = await openDecision(request, verify)
 * if (opened.state === 'refused') return new Response(null, { status: 401 })
 * const decision = opened.state === 'trusted' ? opened.decision : await auth.decide(request, { peer })
 */
export async function openDecision(
  request: Request,
  verify: RequestVerifier,
  limits: VerifyLimits = {},
): Promise<OpenedDecision> {
  const { headers } = request
  const sealed = headers.get(signatureHeaders.decision)
  if (sealed === null || !headers.has(signatureHeaders.signature)) return { state: 'none' }
  const caller = await verify(request, limits)
  if (caller.state !== 'verified') return caller
  const decision = readDecision(sealed)
  if (decision === null) return { state: 'refused' }
  return { state: 'trusted', decision, keyId: caller.keyId, body: caller.body }
}
