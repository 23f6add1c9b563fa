// A decision as signed text, so that a later request or another service need not check the token again.
import * as v from 'valibot'
import {
  signRequest,
  signatureHeaders,
  type RequestParts,
  type ServiceCredential,
  type SignOptions,
} from './signatures.ts'
import type { Decision } from '../decision.ts'
import type { RequestVerifier, VerifyLimits } from './verifier.ts'

/**
 * Headers that pass a decision to the service behind the gateway. The signature covers the request and the decision, so
 * the decision can neither be changed nor moved to another request.
 *
 * @param decision as `decide` gave it
 * @param parts the request as it is sent to the service
 * @param credential the gateway's
 * @param options clock and nonce; tests replace them
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
  // Headers carry visible ASCII only. The escaped text is the same JSON.
  const json = JSON.stringify(decision).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return signRequest({ ...parts, decision: json }, credential, options)
}

/**
 * Result of {@link openDecision}. `none`: there is no signed decision; an unsigned header is ignored, and the service
 * decides itself. `refused` is answered with 401, `too-large` with 413.
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
 * Reads the decision of a request and verifies the gateway's signature.
 *
 * @param request its body is consumed, except for `none`
 * @param verify made from the gateway's credentials
 * @param limits bounds the body, bytes, and ends its reading
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

const text = v.pipe(v.string(), v.maxLength(512))

const schema = v.pipe(
  v.object({
    kind: v.picklist(['token', 'legacy', 'recognised', 'anonymous', 'rejected']),
    reason: v.picklist([
      'DB_TOKEN',
      'LEGACY_TOKEN',
      'DB_REFERRER',
      'ALLOWLIST',
      'NONE',
      'INVALID_TOKEN',
      'MALFORMED_CREDENTIAL',
      'MULTIPLE_CREDENTIALS',
      'AUTH_UNAVAILABLE',
    ]),
    authenticated: v.boolean(),
    tokenAuth: v.boolean(),
    referrerAuth: v.boolean(),
    bypass: v.boolean(),
    tier: v.nullable(v.picklist(['anonymous', 'recognised', 'seed', 'flower', 'nectar', 'legacy'])),
    subject: v.nullable(text),
    queueKey: v.nullable(text),
    tokenSource: v.nullable(
      v.picklist([
        'header:authorization',
        'header:x-pollinations-token',
        'query:token',
        'body:token',
      ]),
    ),
    // The size of the header bounds their number.
    scope: v.array(text),
    site: v.nullable(text),
    status: v.nullable(v.picklist([400, 401, 503])),
    network: text,
    keyId: v.nullable(text),
    label: v.nullable(text),
    stale: v.boolean(),
    retryAfterMs: v.nullable(v.pipe(v.number(), v.minValue(0))),
  }),
  v.check((decision) => isConsistent(decision), 'contradicts itself'),
)

/**
 * Parses a decision that another service made, and checks the invariants of a decision.
 *
 * @param json value of the header
 * @returns null when it is not a decision
 */
export function readDecision(json: string): Decision | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(json))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

function isConsistent(decision: Decision): boolean {
  const { kind, tokenAuth, referrerAuth, bypass, authenticated, status, queueKey, tier } = decision
  const rejected = kind === 'rejected'
  return (
    tokenAuth === (kind === 'token' || kind === 'legacy') &&
    authenticated === tokenAuth &&
    referrerAuth === (kind === 'recognised') &&
    (tokenAuth || !bypass) &&
    rejected === (status !== null) &&
    rejected === (queueKey === null) &&
    rejected === (tier === null)
  )
}
