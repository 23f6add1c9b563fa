import type { Decision } from './Decision.ts'
import type { DecisionFacts } from './DecisionFacts.ts'
import { isTokenTier } from './isTokenTier.ts'
import type { JudgedCredential } from './JudgedCredential.ts'
import { nameWithoutToken } from './nameWithoutToken.ts'
import type { Verdict } from './Verdict.ts'

/** Milliseconds after which it is worth asking again, when the validator did not say. */
const defaultRetryMs = 1000

/**
 * The one decision: who is this, and how do they wait. A credential that was sent decides alone; a front end
 * counts only where there is none, and never makes up for a credential that is wrong.
 */
export function decisionOf(facts: DecisionFacts): Decision {
  const { credential, frontend, network } = facts
  if (credential.state === 'judged') return judgement(credential, facts)
  const decision = blank(facts)
  if (credential.state === 'malformed') {
    refuse(decision, 'MALFORMED_CREDENTIAL', 401)
    decision.tokenSource = credential.source
  } else if (credential.state === 'several') {
    refuse(decision, 'MULTIPLE_CREDENTIALS', 400)
  } else {
    decision.queueKey = network
    if (frontend !== null) {
      decision.kind = decision.tier = 'recognised'
      decision.reason = frontend.reason
      decision.referrerAuth = true
      decision.site = frontend.host
    }
  }
  return decision
}

function judgement(credential: JudgedCredential, facts: DecisionFacts): Decision {
  const { standing, digest, token, source } = credential
  const decision = blank(facts)
  decision.tokenSource = source
  decision.keyId = digest.slice(0, 8)
  if (standing.state === 'invalid') return refuse(decision, 'INVALID_TOKEN', 401)
  if (standing.state === 'unavailable') {
    decision.retryAfterMs = retryOf(standing)
    return refuse(decision, 'AUTH_UNAVAILABLE', 503)
  }
  decision.authenticated = decision.tokenAuth = true
  decision.site = facts.frontend?.host ?? null
  if (standing.state === 'legacy') {
    decision.kind = decision.tier = 'legacy'
    decision.reason = 'LEGACY_TOKEN'
    decision.queueKey = `legacy:${digest.slice(0, 16)}`
  } else {
    const { sub, tier = 'seed', keyId = decision.keyId } = standing
    decision.kind = 'token'
    decision.reason = 'DB_TOKEN'
    decision.tier = isTokenTier(tier) ? tier : 'anonymous'
    decision.subject = nameWithoutToken(sub, token, digest)
    decision.queueKey = `subject:${decision.subject}`
    decision.keyId = nameWithoutToken(keyId, token, digest)
    decision.stale = standing.stale === true
    decision.scope = standing.scope?.map((item) => nameWithoutToken(item, token, digest)) ?? none
  }
  decision.bypass = facts.passTiers.has(decision.tier)
  return decision
}

/** Nobody known yet. Filled in place: copies cost more than all the rest of a decision. */
function blank({ network, label }: DecisionFacts): Draft {
  return {
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
    scope: none,
    site: null,
    status: null,
    network,
    keyId: null,
    label,
    stale: false,
    retryAfterMs: null,
  }
}

const none: readonly string[] = []

type Draft = { -readonly [Member in keyof Decision]: Decision[Member] }

function refuse(decision: Draft, reason: Decision['reason'], status: 400 | 401 | 503): Decision {
  decision.kind = 'rejected'
  decision.reason = reason
  decision.status = status
  decision.tier = null
  return decision
}

function retryOf({ retryAfterMs = 0 }: Extract<Verdict, { state: 'unavailable' }>): number {
  return retryAfterMs > 0 && retryAfterMs < Infinity ? retryAfterMs : defaultRetryMs
}
