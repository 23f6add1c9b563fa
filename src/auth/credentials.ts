import { headerOf, trimEnds, type AuthRequest } from './request.ts'

/** Where a credential was found, in the order in which the places are read. */
export type CredentialSource =
  | 'header:authorization'
  | 'header:x-pollinations-token'
  | 'query:token'
  | 'body:token'

/** Something that was sent where a credential belongs. */
export interface CredentialCandidate {
  readonly source: CredentialSource
  /** As it was sent, never empty. */
  readonly value: string
  /** Whether {@link value} is a credential by its form. */
  readonly wellFormed: boolean
}

/** What the sources of a request amount to. */
export type FoundCredential =
  | { readonly state: 'none' }
  | { readonly state: 'malformed'; readonly source: CredentialSource }
  | { readonly state: 'several' }
  | { readonly state: 'one'; readonly source: CredentialSource; readonly token: string }

const token68 = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * Whether a credential has the one form that is taken from every source: token68 of RFC 9110, section 11.2,
 * at most 512 characters.
 */
export function isToken68(text: string): boolean {
  return text.length <= 512 && token68.test(text)
}

/** A scheme name (a token of RFC 9110, section 5.6.2), one or more spaces, the rest. */
const shape = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([^ ][^]*)$/

/**
 * The credential of an `Authorization` field.
 *
 * @param value not empty, outer blanks cut
 * @returns null for another scheme than Bearer, which is nobody's mistake; what has no such shape is malformed
 * @example authorizationCandidate('bearer abc') // { value: 'abc', wellFormed: true, ... }
 */
export function authorizationCandidate(value: string): CredentialCandidate | null {
  const [, scheme, rest] = shape.exec(value) ?? []
  const source = 'header:authorization'
  if (scheme === undefined || rest === undefined) return { source, value, wellFormed: false }
  if (scheme.toLowerCase() !== 'bearer') return null
  return { source, value: rest, wellFormed: isToken68(rest) }
}

/**
 * Everything in headers and query that stands where a credential belongs, in the order in which they count.
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
 * One credential, or what is wrong: anything malformed comes before several different values, and both before
 * anybody is asked what a value is worth. The same value in two places is one credential; two different ones
 * are refused, as RFC 6750, section 2, wants it.
 *
 * @param candidates in the order in which their sources count
 */
export function chooseCredential(candidates: readonly CredentialCandidate[]): FoundCredential {
  const malformed = candidates.find(({ wellFormed }) => !wellFormed)
  if (malformed) return { state: 'malformed', source: malformed.source }
  const [first] = candidates
  if (!first) return { state: 'none' }
  if (candidates.some(({ value }) => value !== first.value)) return { state: 'several' }
  return { state: 'one', source: first.source, token: first.value }
}

/**
 * Reads a stream that should be short as UTF-8, and cancels what is left of it.
 *
 * @param limit bytes; as soon as more have come, nothing more is read
 * @param ms milliseconds for all of it
 * @returns null when there is more, or when the time is over
 * @throws what the stream fails with
 */
export async function readText(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  ms: number,
): Promise<string | null> {
  const reader = stream.getReader()
  // Not awaited: a branch of a cloned body confirms its cancel only when the other branch is done, too.
  const stop = (): void => void reader.cancel().catch(() => undefined)
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  let late = false
  const timer = setTimeout(() => {
    late = true
    stop()
  }, ms)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      // A cancelled stream ends like a complete one.
      if (done) return late ? null : text + decoder.decode()
      length += value.byteLength
      if (length > limit) return null
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    clearTimeout(timer)
    stop()
  }
}

/** Longer bodies are somebody's work, not a form with a token, and would be held twice while they are read. */
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
    const text = body === null ? null : await readText(body, maxBytes, maxMs)
    if (text === null) return null
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'token')) return null
    const { token } = value as { token: unknown }
    return typeof token === 'string' && token !== '' ? token : null
  } catch {
    // Broken JSON, a connection that failed, or a body that somebody has read already.
    return null
  }
}

/** Whether the body is one in which a token may stand: JSON that is posted. */
export function mayHoldToken(request: AuthRequest): boolean {
  if (request.method !== 'POST') return false
  const [type = ''] = headerOf(request.headers, 'content-type')?.split(';', 1) ?? []
  return trimEnds(type, ' \t').toLowerCase() === 'application/json'
}

/**
 * What a caller may be called in statistics. Anybody can send any label, so nothing is decided by it; and since
 * it is shown, one that holds a credential is dropped whole.
 *
 * @param text as it was sent; query, fragment and user information are cut off
 * @param credentials texts, not empty, that this request sent as credentials
 * @param isCredential whether a word is known to be one
 * @returns at most 100 characters; null when it is longer, empty or holds a credential
 * @example labelOf('https://u:p@app.example/page?key=k', [], () => false) // 'https://app.example/page'
 */
export function labelOf(
  text: string,
  credentials: readonly string[],
  isCredential: (word: string) => boolean,
): string | null {
  // One text may hold several: a scheme and its parameters, or what a repeated line was joined to.
  const parts = credentials.flatMap((credential) => [credential, ...credential.split(/[\s,]+/)])
  if (parts.some((part) => part !== '' && text.includes(part))) return null
  const [address = ''] = text.split(/[?#]/, 1)
  if (address.length > 100) return null
  const label = address.replace(/\/\/[^/]*@/, '//')
  return label === '' || wordsIn(label).some((word) => isCredential(word)) ? null : label
}

/** What of a label may be a credential: all of it, or words of it. Short words are no secrets, and each costs a hash. */
function wordsIn(label: string): string[] {
  const words = [...label.split(/[^\w.~+/=-]+/), ...label.split(/[^\w~-]+/)]
  const long = words.filter((word) => word.length >= 8)
  return [...new Set(isToken68(label) ? [label, ...long] : long)]
}
