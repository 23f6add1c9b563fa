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
