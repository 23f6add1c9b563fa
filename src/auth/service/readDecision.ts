import * as v from 'valibot'
import type { Decision } from '../Decision.ts'

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
    scope: v.pipe(v.array(text), v.maxLength(100)),
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
 * Reads a decision that another service made, and holds it to what is always true of one.
 *
 * @param json as it came in the header
 * @returns null when it is none
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
