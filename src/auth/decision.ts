// The decision about a request as a pure function of its facts: reason, tier, and the key that it queues by.
import { isTokenTier, type Tier, type CredentialStatus, type Verdict } from './token-validation.ts'
import type { CredentialSource, FoundCredential } from './credential.ts'

/**
 * The sender of a request and the limits that apply to it. Made once per request and passed on with it. It holds no
 * token text.
 *
 * Invariants: `bypass` implies `tokenAuth`; `authenticated` equals `tokenAuth`; `rejected` has a status and no queue
 * key.
 */
export interface Decision {
  /** How the caller was identified, or `rejected`. */
  readonly kind: 'token' | 'legacy' | 'recognised' | 'anonymous' | 'rejected'
  readonly reason: DecisionReason
  /** Equal to {@link tokenAuth}. */
  readonly authenticated: boolean
  /** Whether a token was proven: kinds `token` and `legacy`. */
  readonly tokenAuth: boolean
  /** Whether a front end was recognised: kind `recognised`. It identifies, it never authenticates. */
  readonly referrerAuth: boolean
  /** Whether interval and fair queue are skipped; the subject's concurrency and the global limit never are. */
  readonly bypass: boolean
  /** Null when rejected. */
  readonly tier: Tier | null
  /** User id that the validator gave; only for kind `token`. */
  readonly subject: string | null
  /** `subject:u1`, `legacy:` and 16 hex digits, or {@link network}; null when rejected. */
  readonly queueKey: string | null
  /** Where the token was found; null without one. */
  readonly tokenSource: CredentialSource | null
  /** Scopes of the token as the validator reported them; empty without a token. They decide nothing here. */
  readonly scope: readonly string[]
  /** Host of the page when it is allowed or registered, also beside a token. */
  readonly site: string | null
  /** HTTP status of a rejection. */
  readonly status: 400 | 401 | 503 | null
  /** The client's network, for every kind: `ip:203.0.113.7`, `ip:2001:db8:1:2::/64` or `ip:unknown`. */
  readonly network: string
  /** Names the credential in logs: the validator's key id, else the first 8 hex digits of its SHA-256. */
  readonly keyId: string | null
  /** Label that the caller sent (`x-app-id`, `referrer`), at most 100 characters. It decides nothing. */
  readonly label: string | null
  /** Whether the verdict was stale because the validator could not be reached. */
  readonly stale: boolean
  /** For status 503: milliseconds until a retry. */
  readonly retryAfterMs: number | null
}

/** Reason of a decision; it determines the kind. */
export type DecisionReason =
  | 'DB_TOKEN'
  | 'LEGACY_TOKEN'
  | 'DB_REFERRER'
  | 'ALLOWLIST'
  | 'NONE'
  | 'INVALID_TOKEN'
  | 'MALFORMED_CREDENTIAL'
  | 'MULTIPLE_CREDENTIALS'
  | 'AUTH_UNAVAILABLE'

/** The input of a decision. */
export interface DecisionFacts {
  readonly credential: Exclude<FoundCredential, { readonly state: 'one' }> | CheckedCredential
  /** A known front end: its host and the reason why it is known. */
  readonly frontend: { readonly host: string; readonly reason: 'ALLOWLIST' | 'DB_REFERRER' } | null
  /** Key of the client's network. */
  readonly network: string
  readonly label: string | null
  /** Tiers that skip interval and fair queue. */
  readonly passTiers: ReadonlySet<string>
}

/** The credential of a request, with its status. */
export interface CheckedCredential {
  readonly state: 'checked'
  readonly source: CredentialSource
  readonly token: string
  /** SHA-256 of the token, 64 lower-case hex digits. */
  readonly digest: string
  readonly status: CredentialStatus
}

/**
 * A name from the validator, unless it contains the token: some validators name a user by the key, and names are
 * logged.
 *
 * @param digest SHA-256 of the token in hex; replaces such a name
 */
export function nameWithoutToken(name: string, token: string, digest: string): string {
  // Shorter texts are not secrets and occur in many names.
  const secret = token.length >= 8
  return secret && name.includes(token) ? `sha256:${digest.slice(0, 16)}` : name
}

/** Milliseconds until a retry, when the validator reported none. */
const defaultRetryMs = 1000

/**
 * Makes the decision. A credential in the request decides alone. A front end counts only without a credential, and
 * never replaces a wrong one.
 */
export function decisionOf(facts: DecisionFacts): Decision {
  const { credential, frontend } = facts
  if (credential.state === 'checked') return decideChecked(credential, facts)
  const decision = anonymousDecision(facts)
  if (credential.state === 'malformed') {
    refuse(decision, 'MALFORMED_CREDENTIAL', 401)
    decision.tokenSource = credential.source
  } else if (credential.state === 'several') {
    refuse(decision, 'MULTIPLE_CREDENTIALS', 400)
  } else if (frontend !== null) {
    decision.kind = decision.tier = 'recognised'
    decision.reason = frontend.reason
    decision.referrerAuth = true
    decision.site = frontend.host
  }
  return decision
}

function decideChecked(credential: CheckedCredential, facts: DecisionFacts): Decision {
  const { status, digest, token, source } = credential
  const decision = anonymousDecision(facts)
  decision.tokenSource = source
  decision.keyId = digest.slice(0, 8)
  if (status.state === 'invalid') return refuse(decision, 'INVALID_TOKEN', 401)
  if (status.state === 'unavailable') {
    decision.retryAfterMs = retryOf(status)
    return refuse(decision, 'AUTH_UNAVAILABLE', 503)
  }
  decision.authenticated = decision.tokenAuth = true
  decision.site = facts.frontend?.host ?? null
  if (status.state === 'legacy') {
    decision.kind = decision.tier = 'legacy'
    decision.reason = 'LEGACY_TOKEN'
    decision.queueKey = `legacy:${digest.slice(0, 16)}`
  } else {
    const { sub, tier = 'seed', keyId = decision.keyId } = status
    decision.kind = 'token'
    decision.reason = 'DB_TOKEN'
    decision.tier = isTokenTier(tier) ? tier : 'anonymous'
    decision.subject = nameWithoutToken(sub, token, digest)
    decision.queueKey = `subject:${decision.subject}`
    decision.keyId = nameWithoutToken(keyId, token, digest)
    decision.stale = status.stale === true
    decision.scope = status.scope?.map((item) => nameWithoutToken(item, token, digest)) ?? none
  }
  decision.bypass = facts.passTiers.has(decision.tier)
  return decision
}

/** The decision for a request without a credential and from no known front end. */
export function anonymousDecision({
  network,
  label,
}: Pick<DecisionFacts, 'network' | 'label'>): Draft {
  return {
    kind: 'anonymous',
    reason: 'NONE',
    authenticated: false,
    tokenAuth: false,
    referrerAuth: false,
    bypass: false,
    tier: 'anonymous',
    subject: null,
    queueKey: network,
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

/** Filled in place: copying would cost more than the rest of the decision. */
type Draft = { -readonly [Member in keyof Decision]: Decision[Member] }

function refuse(decision: Draft, reason: Decision['reason'], status: 400 | 401 | 503): Decision {
  decision.kind = 'rejected'
  decision.reason = reason
  decision.status = status
  decision.tier = decision.queueKey = null
  return decision
}

function retryOf({ retryAfterMs = 0 }: Extract<Verdict, { state: 'unavailable' }>): number {
  return retryAfterMs > 0 && retryAfterMs < Infinity ? retryAfterMs : defaultRetryMs
}
