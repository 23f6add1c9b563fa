import { clientAddress, networkKey } from './addresses.ts'
import {
  candidatesIn,
  chooseCredential,
  isToken68,
  labelOf,
  mayHoldToken,
  tokenInBody,
  type CredentialCandidate,
} from './credentials.ts'
import { decisionOf, type Decision, type DecisionFacts } from './decision.ts'
import { digestOf, type Digest } from './digests.ts'
import { siteHost } from './hosts.ts'
import { readAuthOptions, type AuthPolicy, type AuthOptions } from './options.ts'
import { headerOf, readQuery, type AuthRequest, type Query } from './request.ts'
import { isTokenTier, type TokenValidator, type Verdict, type Standing } from './verdict.ts'

/** The one place where it is decided who waits. */
export interface Auth {
  /**
   * @param request its body stays unread
   * @param from `peer`: address of the socket, null when there is none
   * @returns never rejects: any bytes in headers, URL and body get a decision
   */
  decide(request: AuthRequest, from: { readonly peer: string | null }): Promise<Decision>
}

/**
 * Asks a validator that may be anybody's. One that throws, or says what is no verdict, is out of order: nobody
 * is let in, and nobody is told that a token is wrong.
 */
export async function askValidator(
  validate: TokenValidator,
  token: string,
  digest: string,
): Promise<Verdict> {
  try {
    const verdict = withoutNulls(await validate(token, digest))
    if (verdict.state === 'invalid' || verdict.state === 'unavailable') return verdict
    const { sub, keyId = '', scope = [], expiresAt = 0 } = verdict
    const named = isText(sub) && sub !== '' && isText(keyId)
    const ends = typeof expiresAt === 'number' && !Number.isNaN(expiresAt)
    if (verdict.state === 'valid' && named && ends && Array.isArray(scope) && scope.every(isText))
      return verdict
  } catch {
    // Said below, as for any other nonsense.
  }
  return { state: 'unavailable' }
}

/** JSON has null where types have nothing. */
function withoutNulls(verdict: Verdict): Verdict {
  if (!Object.values<unknown>(verdict).includes(null)) return verdict
  const said = Object.entries(verdict).filter(([, value]) => value !== null)
  return Object.fromEntries(said) as Verdict
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/**
 * What a token is worth now. The legacy list comes first and is final: its tokens work while the validator does
 * not, and end on their day although nobody else knows them.
 */
export async function standingOf(
  token: string,
  digest: Digest,
  { isLegacy, legacyExpiresAt, validate, clock }: AuthPolicy,
): Promise<Standing> {
  if (isLegacy(digest)) return { state: clock.now() > legacyExpiresAt ? 'invalid' : 'legacy' }
  const verdict = await askValidator(validate, token, digest.hex)
  if (verdict.state !== 'valid' || verdict.expiresAt === undefined) return verdict
  return clock.now() >= verdict.expiresAt ? { state: 'invalid' } : verdict
}

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
