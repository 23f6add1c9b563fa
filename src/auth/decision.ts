import { isTokenTier, type Tier, type Standing, type Verdict } from './verdict.ts'
import type { CredentialSource, FoundCredential } from './credentials.ts'

/**
 * Who is asking, and how they wait. Made once for a request; travels with it. Holds no token text.
 *
 * Always true: `bypass` implies `tokenAuth`; `authenticated` equals `tokenAuth`; `rejected` has a status and no
 * queue key.
 */
export interface Decision {
  readonly kind: 'token' | 'legacy' | 'recognised' | 'anonymous' | 'rejected'
  readonly reason: DecisionReason
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
  readonly tokenSource: CredentialSource | null
  /** What the token may be used for, as the validator said; empty without one. Nothing here is decided by it. */
  readonly scope: readonly string[]
  /** Host of the page when it is allowed or registered, also beside a token. */
  readonly site: string | null
  /** HTTP status of a rejection. */
  readonly status: 400 | 401 | 503 | null
  /** `ip:203.0.113.7`, `ip:2001:db8:1:2::/64` or `ip:unknown`: the client's network, whatever was decided. */
  readonly network: string
  /** Names the credential in logs: the validator's key id, else the first 8 hex digits of its SHA-256. */
  readonly keyId: string | null
  /** What the caller calls itself (`x-app-id`, `referrer`), at most 100 characters. Nothing is decided by it. */
  readonly label: string | null
  /** Whether the verdict was stale when it was used (the validator could not be asked). */
  readonly stale: boolean
  /** For status 503: when to come back, milliseconds. */
  readonly retryAfterMs: number | null
}

/** Why a decision is what it is; the reason fixes its kind. */
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

/** All that a decision is made from. */
export interface DecisionFacts {
  readonly credential: Exclude<FoundCredential, { readonly state: 'one' }> | JudgedCredential
  /** The front end, when it is a known one: its host, and how it is known. */
  readonly frontend: { readonly host: string; readonly reason: 'ALLOWLIST' | 'DB_REFERRER' } | null
  /** Key of the client's network. */
  readonly network: string
  readonly label: string | null
  /** Tiers that skip interval and fair queue. */
  readonly passTiers: ReadonlySet<string>
}

/** The one credential of a request, with what it is worth. */
export interface JudgedCredential {
  readonly state: 'judged'
  readonly source: CredentialSource
  readonly token: string
  /** SHA-256 of the token, 64 lower-case hex digits. */
  readonly digest: string
  readonly standing: Standing
}

/**
 * A name that a validator gave, unless it holds the token: some call a user by the key, and names are logged.
 *
 * @param digest SHA-256 of the token in hex; names the user then
 */
export function nameWithoutToken(name: string, token: string, digest: string): string {
  // Texts as short as this are no secrets, and are part of many names.
  const secret = token.length >= 8
  return secret && name.includes(token) ? `sha256:${digest.slice(0, 16)}` : name
}

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
