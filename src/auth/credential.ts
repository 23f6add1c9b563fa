// Where a request has its credential, and whether there is exactly one of the right form. Nothing is checked here.
import { inTime, parseBounded, readBounded, systemClock } from '../core/index.ts'

/** Where a credential was found, in the order in which the places are read. */
export type CredentialSource =
  | 'header:authorization'
  | 'header:x-pollinations-token'
  | 'query:token'
  | 'body:token'

/** A value at a place where a credential belongs. */
export interface CredentialCandidate {
  readonly source: CredentialSource
  /** As it was sent, never empty. */
  readonly value: string
  /** Whether {@link value} is a credential by its form. */
  readonly wellFormed: boolean
}

/** The result of {@link chooseCredential}. */
export type FoundCredential =
  | { readonly state: 'none' }
  | { readonly state: 'malformed'; readonly source: CredentialSource }
  | { readonly state: 'several' }
  | { readonly state: 'one'; readonly source: CredentialSource; readonly token: string }

/**
 * The candidates in headers and query, in order of their sources.
 *
 * @param queryTokens none when the query is not to be read
 */
export function candidatesIn(
  headers: AuthRequest['headers'],
  queryTokens: readonly string[],
): CredentialCandidate[] {
  const candidates: CredentialCandidate[] = []
  const authorization = headerOf(headers, 'authorization')
  const bearer = authorization === null ? null : authorizationCandidate(authorization)
  if (bearer !== null) candidates.push(bearer)
  const own = headerOf(headers, 'x-pollinations-token')
  if (own !== null) {
    const source = 'header:x-pollinations-token'
    candidates.push({ source, value: own, wellFormed: isToken68(own) })
  }
  for (const value of queryTokens)
    candidates.push({ source: 'query:token', value, wellFormed: isToken68(value) })
  return candidates
}

/**
 * Chooses the credential of a request. A malformed value is reported first, then several different values; the
 * validator is not called in either case. The same value in two places is one credential; two different values are
 * refused (RFC 6750, section 2).
 *
 * @param candidates in order of their sources
 */
export function chooseCredential(candidates: readonly CredentialCandidate[]): FoundCredential {
  const malformed = candidates.find(({ wellFormed }) => !wellFormed)
  if (malformed) return { state: 'malformed', source: malformed.source }
  const [first] = candidates
  if (!first) return { state: 'none' }
  if (candidates.some(({ value }) => value !== first.value)) return { state: 'several' }
  return { state: 'one', source: first.source, token: first.value }
}

/** A scheme name (a token of RFC 9110, section 5.6.2), one or more spaces, the rest. */
const shape = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([^ ][^]*)$/

/**
 * The credential of an `Authorization` field.
 *
 * @param value not empty, outer blanks cut
 * @returns null for another scheme than Bearer; a value without scheme is malformed
 * @example authorizationCandidate('bearer abc') // { value: 'abc', wellFormed: true, ... }
 */
export function authorizationCandidate(value: string): CredentialCandidate | null {
  const [, scheme, rest] = shape.exec(value) ?? []
  const source = 'header:authorization'
  if (scheme === undefined || rest === undefined) return { source, value, wellFormed: false }
  if (scheme.toLowerCase() !== 'bearer') return null
  return { source, value: rest, wellFormed: isToken68(rest) }
}

const token68 = /^[A-Za-z0-9\-._~+/]+=*$/

/** Whether a text has the form of a credential in every source: token68 (RFC 9110, section 11.2), at most 512 characters. */
export function isToken68(text: string): boolean {
  return text.length <= 512 && token68.test(text)
}

/** Whether the body may hold a token: a POST of JSON. */
export function mayHoldToken(request: AuthRequest): boolean {
  if (request.method !== 'POST') return false
  const [type = ''] = headerOf(request.headers, 'content-type')?.split(';', 1) ?? []
  return trimEnds(type, ' \t').toLowerCase() === 'application/json'
}

/** A longer body is not a form with a token, and it would be in memory twice while it is read. */
const maxBytes = 2 * 1024 * 1024

const maxMs = 5000

/**
 * The own string member `token` of a JSON object in the body. The request's own body stays unread.
 *
 * @returns null where there is none: another shape, broken or late JSON, more than 2 MiB. Never throws
 */
export async function tokenInBody(request: Pick<AuthRequest, 'clone'>): Promise<string | null> {
  try {
    const { body } = request.clone()
    const bytes = await inTime(systemClock, maxMs, (signal) => readBounded(body, maxBytes, signal))
    if (bytes === null) return null
    const value = parseBounded(new TextDecoder().decode(bytes))
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'token')) return null
    const { token } = value as { token: unknown }
    return typeof token === 'string' && token !== '' ? token : null
  } catch {
    // Broken JSON, a failed connection, a late body, or one that was read already.
    return null
  }
}

/**
 * The label of a caller for statistics. Any caller can send any label, so it decides nothing. It is shown, so a label
 * that contains a credential is dropped.
 *
 * @param text as it was sent; query, fragment and user information are removed
 * @param credentials texts, not empty, that this request sent as credentials
 * @param isCredential whether a word is a known credential
 * @returns at most 100 characters; null when it is longer, empty or holds a credential
 * @example labelOf('https://u:p@app.example/page?key=k', [], () => false) // 'https://app.example/page'
 */
export function labelOf(
  text: string,
  credentials: readonly string[],
  isCredential: (word: string) => boolean,
): string | null {
  // One text may hold several: a scheme and its parameters, or the joined values of repeated lines.
  const parts = credentials.flatMap((credential) => [credential, ...credential.split(/[\s,]+/)])
  if (parts.some((part) => part !== '' && text.includes(part))) return null
  const [address = ''] = text.split(/[?#]/, 1)
  if (address.length > 100) return null
  const label = address.replace(/\/\/[^/]*@/, '//')
  return label === '' || wordsIn(label).some((word) => isCredential(word)) ? null : label
}

/** Parts of a label that may be credentials: all of it, or single words. Short words are no secrets, and each costs a hash. */
function wordsIn(label: string): string[] {
  const words = [...label.split(/[^\w.~+/=-]+/), ...label.split(/[^\w~-]+/)]
  const long = words.filter((word) => word.length >= 8)
  return [...new Set(isToken68(label) ? [label, ...long] : long)]
}

/** The parts of a request that are read; every `Request` fits. */
export interface AuthRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: Pick<Headers, 'get' | 'has'>
  /** Called at most once, and only when body tokens are allowed: the request itself stays unread. */
  clone(): { readonly body: ReadableStream<Uint8Array> | null }
}

/**
 * Text without the given characters at its ends. `String.trim` removes more characters than a protocol's blanks.
 *
 * @param blanks characters to remove
 * @example trimEnds('\tx ', ' \t') // 'x'
 */
export function trimEnds(text: string, blanks: string): string {
  let start = 0
  let end = text.length
  while (start < end && blanks.includes(text[start]!)) start++
  while (end > start && blanks.includes(text[end - 1]!)) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/**
 * Value of a header field: repeated lines as one value (joined by `Headers`), without outer spaces and tabs.
 *
 * @param name lower case
 * @returns null when it is absent or empty
 */
export function headerOf(headers: AuthRequest['headers'], name: string): string | null {
  const value = headers.get(name)
  return value === null ? null : trimEnds(value, ' \t') || null
}

/** The parts of a URL's query that are read. */
export interface Query {
  /** Values of `token` that are not empty, in order. */
  readonly tokens: readonly string[]
  /** First value of `referrer`, else `referer`, that is not empty. */
  readonly label: string | null
}

const nothing: Query = { tokens: [], label: null }

/**
 * Reads the query parameters, after form decoding.
 *
 * @param url any text; the part before the first `?` and a fragment are ignored
 */
export function readQuery(url: string): Query {
  const start = url.indexOf('?')
  if (start < 0) return nothing
  const hash = url.indexOf('#')
  if (hash >= 0 && hash < start) return nothing
  const query = url.slice(start + 1, hash < 0 ? undefined : hash)
  // Most queries contain neither name, plain or percent-encoded, and need no parsing.
  if (!query.includes('token') && !query.includes('refer') && !query.includes('%')) return nothing
  // URLSearchParams would drop a leading question mark, which belongs to the first name.
  const parameters = new URLSearchParams(`&${query}`)
  const filled = (name: string): string[] => parameters.getAll(name).filter((value) => value !== '')
  return { tokens: filled('token'), label: filled('referrer')[0] ?? filled('referer')[0] ?? null }
}
