// Parses the request target once. Routing, costs and forwarding all use this result, so they cannot disagree about
// the meaning of a path. Called first in gateway.ts. Below, the gateway's own credentials are found and removed.
import type { AuthRequest } from '../auth/index.ts'

/** A parsed request target. */
interface Target {
  /** Path in the normal form of RFC 3986, section 6.2.2; query byte for byte. */
  readonly url: URL
  /** Whether a segment contains an encoded slash, also one that is encoded several times. */
  readonly encodedSlash: boolean
}

/** A path without encoded or ambiguous characters, like most paths. */
const plain = /^[\w.~/!$&'()*+,=:@-]*$/

/**
 * Parses a request target and normalises its path: dot segments are resolved, unreserved characters are
 * decoded, hex digits are upper-case.
 *
 * @param text absolute URL, from the server
 * @returns null for a path that servers interpret differently: a dot segment that is encoded or has parameters (`..;x`), a
 *   backslash or a control character, encoded any number of times, or an invalid percent encoding
 * @example parseTarget('https://gateway.example/%61pi/x')?.url.pathname // '/api/x'
 */
export function parseTarget(text: string): Target | null {
  const url = new URL(text)
  if (plain.test(url.pathname)) return { url, encodedSlash: false }
  let encodedSlash = false
  const segments: string[] = []
  for (const segment of url.pathname.split('/')) {
    const reading = readSegment(segment)
    if (reading === null) return null
    encodedSlash ||= reading.slash
    segments.push(reading.text)
  }
  url.pathname = segments.join('/')
  return { url, encodedSlash }
}

/** More levels of encoding are never a mistake of a client. */
const mostDecodings = 6
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const ambiguous = /[\\\u0000-\u001F\u007F]/

function readSegment(segment: string): { readonly text: string; readonly slash: boolean } | null {
  if (/%(?![0-9a-f]{2})/i.test(segment)) return null
  let slash = false
  let seen = segment
  for (let decodings = 0; ; decodings++) {
    if (ambiguous.test(seen) || seen.split('/').some(isDotSegment)) return null
    slash ||= seen.includes('/')
    const next = decode(seen)
    // An invalid encoding after the first decoding is an ordinary percent sign in a name.
    if (next === null && decodings === 0) return null
    if (next === null || next === seen) break
    if (decodings === mostDecodings) return null
    seen = next
  }
  return { text: segment.replaceAll(/%[0-9a-f]{2}/gi, normalise), slash }
}

/** Servlet servers drop the part after a semicolon, others drop trailing blanks. */
function isDotSegment(part: string): boolean {
  const [name = ''] = part.split(';', 1)
  return /^\.{1,2}$/.test(name.trim())
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function normalise(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : encoded.toUpperCase()
}

/**
 * A query without its tokens. The rest is unchanged, byte for byte, because it may be signed.
 *
 * @param search of a URL, with its question mark; or empty
 * @example queryWithoutToken('?a=%20&token=t&b') // '?a=%20&b'
 */
export function queryWithoutToken(search: string): string {
  // Most queries have no token, and an encoded name contains a percent sign.
  if (!search.includes('token') && !search.includes('%')) return search
  const rest = search
    .slice(1)
    .split('&')
    .filter((part) => !new URLSearchParams(part).has('token'))
    .join('&')
  return rest === '' ? '' : `?${rest}`
}

const credentials: ReadonlySet<string> = new Set(['authorization', 'x-pollinations-token'])

/**
 * A copy of a request for decisions in which tokens do not count: only address and origin do.
 *
 * @param request is not changed and not read
 * @param url of the request
 */
export function withoutCredentials(request: Request, url: URL): AuthRequest {
  const { headers } = request
  return {
    // Only a POST may have a token in its body.
    method: 'GET',
    url: `${url.origin}${url.pathname}${queryWithoutToken(url.search)}`,
    headers: {
      get: (name) => (isShown(name) ? headers.get(name) : null),
      has: (name) => isShown(name) && headers.has(name),
    },
    clone: () => ({ body: null }),
  }
}

function isShown(name: string): boolean {
  return !credentials.has(name.toLowerCase())
}

/** Whether headers or query of a request may contain a credential. */
export function hasCredential({ headers }: Request, url: URL): boolean {
  for (const name of credentials) if (headers.has(name)) return true
  return queryWithoutToken(url.search) !== url.search
}
