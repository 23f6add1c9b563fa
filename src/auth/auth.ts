// Decides about one request: finds its credential, checks it, and turns the result into limits. Called by the gateway.
// The steps are in credential.ts, token-validation.ts, site.ts and client-address.ts; decision.ts puts them together.
import {
  clientAddress,
  networkKey,
  parseTrustedProxies,
  type TrustedProxies,
} from './client-address.ts'
import {
  candidatesIn,
  chooseCredential,
  isToken68,
  labelOf,
  mayHoldToken,
  tokenInBody,
  headerOf,
  readQuery,
  type CredentialCandidate,
  type AuthRequest,
  type Query,
} from './credential.ts'
import { decisionOf, type Decision, type DecisionFacts } from './decision.ts'
import { sha256Hex, digestSet } from './digests.ts'
import { siteHost, hostMatcher, parseHost, parseHostList } from './site.ts'
import {
  checkCredential,
  isTokenTier,
  type CredentialPolicy,
  type TokenValidator,
} from './token-validation.ts'
import { FerryError, systemClock, tell, type Clock } from '../core/index.ts'

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
 * @param options every field has a default; checked once, here
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

/** Options of `createAuth`; read once, at start. */
export interface AuthOptions {
  /** Validates a token. Default: every token is invalid. */
  readonly validate?: TokenValidator
  /** SHA-256 of each legacy token, 64 hex digits. Default: none. */
  readonly legacyTokens?: readonly string[]
  /** Epoch milliseconds after which legacy tokens are invalid. Required with `legacyTokens`. */
  readonly legacyExpiresAt?: number
  /** Front ends that are recognised: hosts, or `*.` and a host; a list, or text with commas. Default: none. */
  readonly allowedHosts?: string | readonly string[]
  /** Registered front ends: hosts. They are recognised like allowed ones, with another reason. */
  readonly registeredHosts?: readonly string[]
  /** Address ranges of proxies whose forwarded header is trusted, as `10.0.0.0/8`. Default: none. */
  readonly trustedProxies?: readonly string[]
  /** The header that trusted proxies set. Default: `x-forwarded-for`. */
  readonly forwardedHeader?: string
  /** Bits of an IPv6 address that make a network, 32 to 128. Default: 64. */
  readonly ipv6Prefix?: number
  /** Whether `?token=` is read. Default: true. */
  readonly allowQueryToken?: boolean
  /** Whether `token` in a JSON body of a POST is read. Default: false. */
  readonly allowBodyToken?: boolean
  /** Tiers that skip interval and fair queue. Default: `nectar` and `legacy`. */
  readonly passTiers?: readonly string[]
  /** Whether a host is itself a public suffix (private section included). Default: single labels except localhost. */
  readonly isPublicSuffix?: (host: string) => boolean
  /**
   * Called once per subject, with the key id, when a valid token came in a query. The operator can then ask for a
   * header instead.
   */
  readonly onQueryToken?: (keyId: string) => void
  /** Called once per unknown tier that a validator reports; its users get the limits of anonymous callers. */
  readonly onUnknownTier?: (tier: string) => void
  readonly clock?: Clock
}

/** `AuthOptions`, checked and prepared for use by every request. */
export interface AuthPolicy extends CredentialPolicy {
  readonly isAllowed: (host: string) => boolean
  readonly isRegistered: (host: string) => boolean
  readonly proxies: TrustedProxies
  readonly forwardedHeader: string
  readonly ipv6Prefix: number
  readonly allowQueryToken: boolean
  readonly allowBodyToken: boolean
  readonly passTiers: ReadonlySet<string>
  readonly onQueryToken: (keyId: string, owner: string) => void
  readonly onUnknownTier: (tier: string) => void
}

/**
 * Makes a function that calls a listener once per owner. It remembers a bounded number of owners.
 *
 * @param limit remembered owners; the oldest is dropped and may be reported again
 * @returns never throws. A name without an owner is its own owner
 */
export function onceEach(
  listener: ((name: string) => void) | undefined,
  limit = 10_000,
): (name: string, owner?: string) => void {
  const reported = new Set<string>()
  return (name, owner = name) => {
    if (listener === undefined || reported.has(owner)) return
    reported.add(owner)
    if (reported.size > limit)
      for (const oldest of reported.keys()) if (reported.delete(oldest)) break
    tell(listener, name)
  }
}

/**
 * Checks the options. They often come from files and environment variables, so their types are checked at run time
 * too: a switch with the text "false" would count as on.
 *
 * @throws FerryError `configuration` that names the option, and the entry unless it may be a secret
 */
function readAuthOptions(options: AuthOptions): AuthPolicy {
  const { allowedHosts = [], trustedProxies = [], ipv6Prefix = 64 } = options
  for (const name of ['validate', 'isPublicSuffix', 'onQueryToken', 'onUnknownTier'] as const)
    check(name, options[name], 'a function', (value) => isUnsetOr(value, 'function'))
  for (const name of ['allowQueryToken', 'allowBodyToken'] as const)
    check(name, options[name], 'true or false', (value) => isUnsetOr(value, 'boolean'))
  if (typeof allowedHosts !== 'string') checkTexts('allowedHosts', allowedHosts)
  checkTexts('trustedProxies', trustedProxies)
  check('ipv6Prefix', ipv6Prefix, 'a whole number from 32 to 128', isPrefix)
  const isAllowed = hostMatcher(parseHostList(allowedHosts, options.isPublicSuffix))
  return {
    validate: options.validate ?? (async () => ({ state: 'invalid' })),
    ...legacy(options),
    isAllowed,
    isRegistered: hostMatcher(registered(options)),
    proxies: parseTrustedProxies(trustedProxies),
    forwardedHeader: forwardedHeader(options),
    ipv6Prefix,
    allowQueryToken: options.allowQueryToken ?? true,
    allowBodyToken: options.allowBodyToken ?? false,
    passTiers: passTiers(options),
    onQueryToken: onceEach(options.onQueryToken),
    onUnknownTier: onceEach(options.onUnknownTier),
    clock: options.clock ?? systemClock,
  }
}

function legacy(options: AuthOptions): Pick<AuthPolicy, 'isLegacy' | 'legacyExpiresAt'> {
  const { legacyTokens = [], legacyExpiresAt } = options
  checkTexts('legacyTokens', legacyTokens)
  for (const [index, hash] of legacyTokens.entries()) {
    if (/^[0-9a-f]{64}$/i.test(hash)) continue
    // It may be a token that was not hashed: the message must not contain it.
    const seen = `legacyTokens[${index}] has ${hash.length} characters and is not a SHA-256`
    throw wrong(`${seen} of 64 hex digits. Make them with legacyHashes.`)
  }
  if (legacyTokens.length > 0 || legacyExpiresAt !== undefined)
    check(
      'legacyExpiresAt',
      legacyExpiresAt,
      'the end of legacyTokens in epoch milliseconds',
      finite,
    )
  return { isLegacy: digestSet(legacyTokens), legacyExpiresAt: legacyExpiresAt ?? 0 }
}

function registered({ registeredHosts = [] }: AuthOptions): string[] {
  checkTexts('registeredHosts', registeredHosts)
  return registeredHosts.map((text) => {
    const host = parseHost(text)
    if (host === null) throw wrong(`registeredHosts has "${text}", which is not a host name.`)
    return host
  })
}

function forwardedHeader({ forwardedHeader = 'x-forwarded-for' }: AuthOptions): string {
  check('forwardedHeader', forwardedHeader, 'the name of a header', isHeaderName)
  return forwardedHeader.toLowerCase()
}

function passTiers({ passTiers = ['nectar', 'legacy'] }: AuthOptions): ReadonlySet<string> {
  checkTexts('passTiers', passTiers)
  // The other tiers belong to requests without a token; they never pass.
  const unknown = passTiers.find((tier) => tier !== 'legacy' && !isTokenTier(tier))
  if (unknown === undefined) return new Set(passTiers)
  throw wrong(`passTiers has "${unknown}". Use "seed", "flower", "nectar" and "legacy".`)
}

function checkTexts(name: keyof AuthOptions, value: unknown): void {
  check(name, value, 'a list of texts', isTexts)
}

function check(
  name: keyof AuthOptions,
  value: unknown,
  wanted: string,
  isRight: (value: unknown) => boolean,
): void {
  if (isRight(value)) return
  const seen = value === undefined ? 'missing' : `of type ${value === null ? 'null' : typeof value}`
  throw wrong(`${name} is ${seen}. It has to be ${wanted}.`)
}

function isUnsetOr(value: unknown, type: 'function' | 'boolean'): boolean {
  return value === undefined || typeof value === type
}

function finite(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isHeaderName(value: unknown): boolean {
  return typeof value === 'string' && /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(value)
}

function isPrefix(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 32 && Number(value) <= 128
}

function wrong(message: string): FerryError {
  return new FerryError('configuration', message)
}
