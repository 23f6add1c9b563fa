import type { Decision } from '../../../src/auth/decision.ts'
import { decisionMembers } from './decisionMembers.ts'

const closed: Partial<Record<keyof Decision, readonly unknown[]>> = {
  kind: ['token', 'legacy', 'recognised', 'anonymous', 'rejected'],
  tier: ['anonymous', 'recognised', 'seed', 'flower', 'nectar', 'legacy', null],
  status: [400, 401, 503, null],
  tokenSource: [
    'header:authorization',
    'header:x-pollinations-token',
    'query:token',
    'body:token',
    null,
  ],
}

const kinds: Readonly<Record<Decision['reason'], Decision['kind']>> = {
  DB_TOKEN: 'token',
  LEGACY_TOKEN: 'legacy',
  ALLOWLIST: 'recognised',
  DB_REFERRER: 'recognised',
  NONE: 'anonymous',
  INVALID_TOKEN: 'rejected',
  MALFORMED_CREDENTIAL: 'rejected',
  MULTIPLE_CREDENTIALS: 'rejected',
  AUTH_UNAVAILABLE: 'rejected',
}

/**
 * The violated invariants of a decision about any request.
 *
 * @param secrets texts that were sent as tokens, or would be accepted as one
 */
export function invariantProblems(decision: Decision, secrets: readonly string[]): string[] {
  const { kind, reason, authenticated, tokenAuth, referrerAuth, bypass, tier } = decision
  const { status, queueKey, subject, tokenSource, site, network } = decision
  const rejected = kind === 'rejected'
  const nothing = [tier, subject, queueKey, site].every((value) => value === null)
  const rules: Readonly<Record<string, boolean>> = {
    'has exactly the members of a decision':
      Object.keys(decision).toSorted().join() === decisionMembers.toSorted().join(),
    'bypass implies tokenAuth': !bypass || tokenAuth,
    'authenticated equals tokenAuth': authenticated === tokenAuth,
    'the reason determines the kind': kinds[reason] === kind,
    'tokenAuth means token or legacy': tokenAuth === (kind === 'token' || kind === 'legacy'),
    'referrerAuth means recognised': referrerAuth === (kind === 'recognised'),
    'rejected has a status, others have none': rejected === (status !== null),
    'rejected has no tier, subject, queue key and site': !rejected || nothing,
    'others have a tier and a queue key': rejected || (tier !== null && queueKey !== null),
    'only a token has a subject': (subject !== null) === (kind === 'token'),
    'a proven token has a source': !tokenAuth || tokenSource !== null,
    'a network key has its form': /^ip:(?:unknown|[\d.]+|[\da-f:]+\/\d+)$/.test(network),
    'the label is short': (decision.label?.length ?? 0) <= 100,
    'a token text is in no member': !showsSecret(decision, secrets),
  }
  const problems = Object.entries(rules)
    .filter(([, holds]) => !holds)
    .map(([rule]) => `not so: ${rule}`)
  for (const [name, values] of Object.entries(closed) as [keyof Decision, readonly unknown[]][])
    if (!values.includes(decision[name]))
      problems.push(`${name} is ${String(decision[name])}, which is not allowed`)
  return problems
}

/**
 * Searches the members with free text. A very short text may occur anywhere by chance, such as "a" in "label", so it
 * counts only when it is the whole value.
 */
function showsSecret(
  { subject, queueKey, network, keyId, label, scope, site }: Decision,
  secrets: readonly string[],
): boolean {
  const key = queueKey === network ? null : (queueKey?.replace(/^\w+:/, '') ?? null)
  const free = [subject, key, keyId, label, ...scope]
  return secrets.some((secret) =>
    free.some((text) => {
      if (text === null || secret === site) return false
      return secret.length < 8 ? text === secret : text.includes(secret)
    }),
  )
}
