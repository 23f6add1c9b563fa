import type { Auth } from './Auth.ts'
import type { AuthOptions } from './AuthOptions.ts'
import type { AuthPolicy } from './AuthPolicy.ts'
import type { AuthRequest } from './AuthRequest.ts'
import { candidatesIn } from './candidatesIn.ts'
import { chooseCredential } from './chooseCredential.ts'
import { clientAddress } from './clientAddress.ts'
import type { CredentialCandidate } from './CredentialCandidate.ts'
import type { Decision } from './Decision.ts'
import type { DecisionFacts } from './DecisionFacts.ts'
import { decisionOf } from './decisionOf.ts'
import { digestOf } from './digestOf.ts'
import { headerOf } from './headerOf.ts'
import { isToken68 } from './isToken68.ts'
import { isTokenTier } from './isTokenTier.ts'
import { labelOf } from './labelOf.ts'
import { mayHoldToken } from './mayHoldToken.ts'
import { networkKey } from './networkKey.ts'
import type { Query } from './Query.ts'
import { readAuthOptions } from './readAuthOptions.ts'
import { readQuery } from './readQuery.ts'
import { siteHost } from './siteHost.ts'
import { standingOf } from './standingOf.ts'
import { tokenInBody } from './tokenInBody.ts'

/**
 * Makes the one place where it is decided who waits. Runs in Node, browsers and edge runtimes; keeps nothing
 * about anybody between two decisions.
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
    credential: await judge(candidates, policy),
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
  // Nothing in a body changes what comes of a malformed value before it.
  if (chooseCredential(candidates).state === 'malformed') return
  const value = await tokenInBody(request)
  if (value === null) return
  candidates.push({ source: 'body:token', value, wellFormed: isToken68(value) })
}

async function judge(
  candidates: readonly CredentialCandidate[],
  policy: AuthPolicy,
): Promise<DecisionFacts['credential']> {
  const found = chooseCredential(candidates)
  if (found.state !== 'one') return found
  const { source, token } = found
  const digest = digestOf(token)
  const standing = await standingOf(token, digest, policy)
  if (standing.state === 'valid' && standing.tier !== undefined && !isTokenTier(standing.tier))
    policy.onUnknownTier(standing.tier)
  return { state: 'judged', source, token, digest: digest.hex, standing }
}

function labelIn(
  headers: AuthRequest['headers'],
  query: Query,
  candidates: readonly CredentialCandidate[],
  policy: AuthPolicy,
): string | null {
  const text = headerOf(headers, 'x-app-id') ?? query.label
  if (text === null) return null
  // Also those that are not to be read, and those of other schemes.
  const unread = [headerOf(headers, 'authorization') ?? '', ...query.tokens]
  const sent = [...unread, ...candidates.map(({ value }) => value)].filter(Boolean)
  return labelOf(text, sent, (word) => policy.isLegacy(digestOf(word)))
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
