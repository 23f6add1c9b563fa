import { clientAddress, networkKey } from './client-address.ts'
import {
  candidatesIn,
  chooseCredential,
  isToken68,
  labelOf,
  mayHoldToken,
  tokenInBody,
  type CredentialCandidate,
  headerOf,
  readQuery,
  type AuthRequest,
  type Query,
} from './credential.ts'
import { decisionOf, type Decision, type DecisionFacts } from './decision.ts'
import { sha256Hex } from './digests.ts'
import { siteHost } from './site.ts'
import { readAuthOptions, type AuthPolicy, type AuthOptions } from './options.ts'
import { checkCredential, isTokenTier } from './token-validation.ts'

/** Authenticates requests; `createAuth` makes one. */
export interface Auth {
  /**
   * Identifies the sender of a request and the limits that apply to it.
   *
   * @param request its body stays unread
   * @param from `peer`: address of the socket, null when there is none
   * @returns never rejects: any bytes in headers, URL and body get a decision
   */
  decide(request: AuthRequest, from: { readonly peer: string | null }): Promise<Decision>
}

/**
 * Makes the authentication of a server: token and front end of a request become one decision. Runs in Node, browsers
 * and edge runtimes; it stores nothing between two decisions.
 *
 * @throws FerryError `configuration`, naming the option or entry that is missing or wrong
 * @example
 * const auth = createAuth({ allowedHosts: 'app.example, *.apps.example' })
 * const decision = await auth.decide(request, { peer: '203.0.113.7' })
 */
export function createAuth(options: AuthOptions = {}): Auth {
  const policy = readAuthOptions(options)
  return { decide: (request, { peer }) => decide(request, peer, policy) }
}

async function decide(
  request: AuthRequest,
  peer: string | null,
  policy: AuthPolicy,
): Promise<Decision> {
  const { headers } = request
  const query = readQuery(request.url)
  const candidates = candidatesIn(headers, policy.allowQueryToken ? query.tokens : [])
  if (policy.allowBodyToken && mayHoldToken(request)) await addBody(request, candidates)
  const address = clientAddress(peer, headers, policy.proxies, policy.forwardedHeader)
  const decision = decisionOf({
    credential: await checkCandidates(candidates, policy),
    frontend: frontendOf(headers, policy),
    network: networkKey(address, policy.ipv6Prefix),
    label: labelIn(headers, query, candidates, policy),
    passTiers: policy.passTiers,
  })
  const { tokenAuth, tokenSource, keyId, queueKey } = decision
  if (tokenAuth && tokenSource === 'query:token' && keyId !== null && queueKey !== null)
    policy.onQueryToken(keyId, queueKey)
  return decision
}

async function addBody(request: AuthRequest, candidates: CredentialCandidate[]): Promise<void> {
  // A malformed value in headers or query is rejected; the body need not be read.
  if (chooseCredential(candidates).state === 'malformed') return
  const value = await tokenInBody(request)
  if (value === null) return
  candidates.push({ source: 'body:token', value, wellFormed: isToken68(value) })
}

async function checkCandidates(
  candidates: readonly CredentialCandidate[],
  policy: AuthPolicy,
): Promise<DecisionFacts['credential']> {
  const found = chooseCredential(candidates)
  if (found.state !== 'one') return found
  const { source, token } = found
  const digest = sha256Hex(token)
  const status = await checkCredential(token, digest, policy)
  if (status.state === 'valid' && status.tier !== undefined && !isTokenTier(status.tier))
    policy.onUnknownTier(status.tier)
  return { state: 'checked', source, token, digest, status }
}

function labelIn(
  headers: AuthRequest['headers'],
  query: Query,
  candidates: readonly CredentialCandidate[],
  policy: AuthPolicy,
): string | null {
  const text = headerOf(headers, 'x-app-id') ?? query.label
  if (text === null) return null
  // Also values of sources that are switched off, and of other schemes.
  const unread = [headerOf(headers, 'authorization') ?? '', ...query.tokens]
  const sent = [...unread, ...candidates.map(({ value }) => value)].filter(Boolean)
  return labelOf(text, sent, (word) => policy.isLegacy(sha256Hex(word)))
}

function frontendOf(
  headers: AuthRequest['headers'],
  policy: AuthPolicy,
): DecisionFacts['frontend'] {
  const host = siteHost(headers)
  if (host === null) return null
  if (policy.isAllowed(host)) return { host, reason: 'ALLOWLIST' }
  return policy.isRegistered(host) ? { host, reason: 'DB_REFERRER' } : null
}
