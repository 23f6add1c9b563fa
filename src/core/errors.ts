/**
 * A URL that may be shown and logged: without query (signatures), fragment, user and password.
 *
 * @param url any text; if it is not an absolute URL, the text before its first `?` or `#` is returned
 * @example redactUrl('https://u:p@cas.example/x?Signature=s') // 'https://cas.example/x'
 */
export function redactUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return url.split(/[?#]/, 1)[0] ?? ''
  }
}

/** What a {@link FerryError} may carry besides its code and message. */
export interface FerryErrorOptions {
  /** Whether the same call may succeed later without a change. Default: false. */
  retryable?: boolean | undefined
  /** The URL concerned; its query and credentials are removed. */
  url?: string | undefined
  /** HTTP status, where there was one. */
  status?: number | undefined
  /** `X-Error-Code` of the hub, where there was one. */
  errorCode?: string | undefined
  cause?: unknown
}

/**
 * The error class of modelferry. Check `code`, never `instanceof`: structured clone drops the class when an error
 * crosses a realm. (Within a realm `instanceof` also recognises instances of other copies of this class, because a
 * service worker and the engine that it imports have one each.)
 *
 * @example
 * try { await ferry.prefetch([url]) } catch (error) { if (error.code === 'quota') showRoomNeeded() }
 */
export class FerryError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'FerryError'
  }

  override readonly name = 'FerryError'
  readonly code: FerryErrorCode
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean
  /** Without query, fragment and credentials. */
  readonly url: string | undefined
  /** HTTP status, where there was one. */
  readonly status: number | undefined
  /** `X-Error-Code` of the hub, where there was one. */
  readonly errorCode: string | undefined

  /**
   * @param code what happened
   * @param message one or two sentences: what happened, with the value seen, and what to do
   * @param options context
   */
  constructor(code: FerryErrorCode, message: string, options: FerryErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.retryable = !!options.retryable
    this.url = options.url && redactUrl(options.url)
    this.status = options.status
    this.errorCode = options.errorCode
  }
}

/** The codes of all failures, as a closed union: callers may switch over it without a default. */
export type FerryErrorCode =
  | 'aborted' // the caller aborted
  | 'busy' // a server or a queue is full; the message says when to retry
  | 'closed' // connection or engine was closed
  | 'configuration' // an option is wrong
  | 'expired-url' // presigned URLs were still refused after renewals, though not by 404
  | 'forbidden' // 403 from the hub
  | 'http' // the server answered another error status
  | 'insecure-context' // no https and no localhost
  | 'integrity' // the hash of the bytes is not the expected one
  | 'network' // no response or an incomplete one, after all retries
  | 'not-found' // 404 from the hub, or from the storage for every presigned URL
  | 'policy' // Content-Security-Policy or Trusted Types forbid what is needed; the message names the directive
  | 'protocol' // a response that does not follow the protocol; the message names the field
  | 'quota' // not enough storage on the device
  | 'scope' // the service worker cannot control this page
  | 'storage' // the device's storage failed
  | 'superseded' // another tab took over this file
  | 'timeout' // no answer in time
  | 'unauthorized' // 401 from the hub
  | 'unsupported' // the browser lacks a required feature
  | 'worker' // a worker file is missing, broken or of another version; or a page or a worker is not controlled

const hidden = '[redacted]'

/** Most texts contain none of these, so nothing needs to be searched. */
const around = /[=%@+\s\\"']|(?:authorization|token|key|secret):/i

/** Endings of the names of secrets: `access_token`, `api_key`, `X-Amz-Signature`, `token[]`. */
export const secretName: RegExp =
  /(?:token|key|secret|password|signature|sig|credential|authorization)(?:\[\w*\])?$/i
/** Longer names are not examined further. */
const longestName = 64

/** Between names and values, possibly encoded several times, because URLs appear in parameters of other URLs. */
const delimiter = /[\s?&#;,"'<>]|%(?:25)*(?:3f|26|23)|(=|%(?:25)*3d)/gi

/**
 * Up to the end of a parameter: more characters than a token may contain, because a malformed token is a secret too.
 */
const value = /[\\"']{0,9}[^\s&#"'<>]+/y

/** Up to the value of a JSON member, or of a property as Node prints it, with its quote. */
const member =
  /(?:token|key|secret|password|signature|sig|credential)\\*["']?\s{0,9}:\s{0,9}\\*(["'])/gi

/**
 * Text that may be logged and shown: without tokens, signatures and passwords in their usual places. When in doubt,
 * it hides the text.
 *
 * - values of parameters whose names end in `token`, `key`, `secret`, `password`, `signature`, `sig`, `credential`
 * - what follows `Bearer` (RFC 6750), and the lines of headers such as `authorization`, `x-pollinations-token`
 *   and `x-api-key`
 * - values of members of JSON with such names, and of objects as Node prints them
 * - user and password of a URL
 *
 * @param text of any length; the time is proportional to the length
 * @example redactSecrets('https://me:pw@hub.example/x?a=1&token=t') // 'https://[redacted]@hub.example/x?a=1&token=[redacted]'
 */
export function redactSecrets(text: string): string {
  if (!around.test(text)) return text
  return redactParameters(
    redactMembers(text)
      .replaceAll(/\/\/[^\s/?#\\"'<>]*@/g, `//${hidden}@`)
      .replaceAll(
        /((?:authorization|[-_](?:token|key|secret))\\*["']?\s{0,9}:\s{0,9}\\*["']?)[^\r\n"']+/gi,
        `$1${hidden}`,
      )
      .replaceAll(/(bearer(?:\s|%(?:25)*20|\+)+\\*["']?)[^\s"'<>]+/gi, `$1${hidden}`),
  )
}

/** Uses a loop, because a regular expression with a repeated choice overflows the stack on a long text. */
function redactMembers(text: string): string {
  const parts: string[] = []
  let kept = 0
  member.lastIndex = 0
  for (let match = member.exec(text); match !== null; match = member.exec(text)) {
    let end = member.lastIndex
    parts.push(text.slice(kept, end), hidden)
    while (end < text.length && text[end] !== match[1]) end += text[end] === '\\' ? 2 : 1
    kept = member.lastIndex = Math.min(end, text.length)
  }
  return parts.join('') + text.slice(kept)
}

function redactParameters(text: string): string {
  const parts: string[] = []
  let kept = 0
  let start = 0
  delimiter.lastIndex = 0
  for (let match = delimiter.exec(text); match !== null; match = delimiter.exec(text)) {
    const { index } = match
    const end = delimiter.lastIndex
    const name = text.slice(Math.max(start, index - longestName), index)
    start = end
    if (match[1] === undefined || !secretName.test(decode(name))) continue
    value.lastIndex = end
    if (!value.test(text)) continue
    parts.push(text.slice(kept, end), hidden)
    kept = start = delimiter.lastIndex = value.lastIndex
  }
  return parts.join('') + text.slice(kept)
}

/** Percent-decodes any text, also when it is encoded several times. */
function decode(name: string): string {
  return name.replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
