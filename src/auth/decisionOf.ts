import type { Decision } from './Decision.ts'
import type { DecisionFacts } from './DecisionFacts.ts'
import { isTokenTier } from './isTokenTier.ts'
import type { JudgedCredential } from './JudgedCredential.ts'
import { nameWithoutToken } from './nameWithoutToken.ts'

/** Milliseconds after which it is worth asking again, when the validator did not say. */
const defaultRetryMs = 1000

const nobody: Decision = {
  kind: 'anonymous',
  reason: 'NONE',
  authenticated: false,
  tokenAuth: false,
  referrerAuth: false,
  bypass: false,
  tier: 'anonymous',
  subject: null,
  queueKey: null,
  tokenSource: null,
  site: null,
  status: null,
  network: '',
  keyId: null,
  label: null,
  stale: false,
  retryAfterMs: null,
}

/**
 * The one decision: who is this, and how do they wait. A credential that was sent decides alone; a front end
 * counts only where there is none, and never makes up for a credential that is wrong.
 */
export function decisionOf(facts: DecisionFacts): Decision {
  const { credential, frontend, network, label } = facts
  return { ...nobody, network, label, ...outcome() }

  function outcome(): Partial<Decision> {
    if (credential.state === 'malformed')
      return refusal('MALFORMED_CREDENTIAL', 401, { tokenSource: credential.source })
    if (credential.state === 'several') return refusal('MULTIPLE_CREDENTIALS', 400)
    if (credential.state === 'judged') return judgement(credential, facts)
    if (frontend === null) return { queueKey: network }
    const { host: site, reason } = frontend
    const kind = 'recognised'
    return { kind, reason, referrerAuth: true, tier: kind, queueKey: network, site }
  }
}

function judgement(credential: JudgedCredential, facts: DecisionFacts): Partial<Decision> {
  const { standing, digest, token, source: tokenSource } = credential
  const named = { tokenSource, keyId: digest.slice(0, 8) }
  if (standing.state === 'invalid') return refusal('INVALID_TOKEN', 401, named)
  if (standing.state === 'unavailable') {
    const { retryAfterMs: ms = 0 } = standing
    const retryAfterMs = ms > 0 && ms < Infinity ? ms : defaultRetryMs
    return refusal('AUTH_UNAVAILABLE', 503, { ...named, retryAfterMs })
  }
  const site = facts.frontend?.host ?? null
  const proven = { ...named, authenticated: true, tokenAuth: true, site }
  if (standing.state === 'legacy') {
    const tier = 'legacy'
    const queueKey = `legacy:${digest.slice(0, 16)}`
    const bypass = facts.passTiers.has(tier)
    return { ...proven, kind: tier, reason: 'LEGACY_TOKEN', tier, bypass, queueKey }
  }
  const reported = standing.tier ?? 'seed'
  const tier = isTokenTier(reported) ? reported : 'anonymous'
  const subject = nameWithoutToken(standing.sub, token, digest)
  return {
    ...proven,
    kind: 'token',
    reason: 'DB_TOKEN',
    tier,
    bypass: facts.passTiers.has(tier),
    subject,
    queueKey: `subject:${subject}`,
    keyId: nameWithoutToken(standing.keyId ?? named.keyId, token, digest),
    stale: standing.stale === true,
  }
}

function refusal(
  reason: Decision['reason'],
  status: 400 | 401 | 503,
  details: Partial<Decision> = {},
): Partial<Decision> {
  return { kind: 'rejected', reason, status, tier: null, ...details }
}
