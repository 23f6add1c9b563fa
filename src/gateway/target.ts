// Parses the request target once. Routing, costs and forwarding all use this result, so that they cannot disagree
// about what a path names. Called first in gateway.ts.

/** A parsed request target. */
export interface Target {
  /** Path in the normal form of RFC 3986, section 6.2.2; query byte for byte. */
  readonly url: URL
  /** Whether a segment holds an encoded slash, also one that is encoded several times. */
  readonly encodedSlash: boolean
}

/** A path in which nothing is encoded and nothing has a second meaning. Most are of this kind. */
const plain = /^[\w.~/!$&'()*+,=:@-]*$/

/**
 * Parses a request target and brings its path into normal form: dot segments are resolved, unreserved characters are
 * decoded, hex digits are upper-case.
 *
 * @param text absolute URL, as the server gives it
 * @returns null for a path that servers read differently: a dot segment that is encoded or has parameters (`..;x`), a
 *   backslash or a control character, encoded any number of times, or a percent sign that encodes nothing
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

/** Decoding more often than this is no client's mistake. */
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
    // What is broken only after a first decoding is an ordinary percent sign in a name.
    if (next === null && decodings === 0) return null
    if (next === null || next === seen) break
    if (decodings === mostDecodings) return null
    seen = next
  }
  return { text: segment.replaceAll(/%[0-9a-f]{2}/gi, normalise), slash }
}

/** Servers of servlets drop what follows a semicolon, others drop blanks at the end. */
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
