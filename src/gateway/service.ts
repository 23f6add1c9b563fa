// The services behind the gateway: their interface, implemented by proxy.ts and by the embedded hub, and the choice of a
// service by path. A request target is parsed once, below: routing, costs and forwarding all use the result, so they
// cannot disagree about the meaning of a path.

import { FerryError } from '../core/index.ts'
import type { Decision, AuthRequest } from '../auth/index.ts'

/**
 * A service behind the gateway.
 *
 * @example
 * const echo: Service = { name: 'echo', path: '/echo/', handle: async (request) => new Response(request.body) }
 */
export interface Service {
  /** Its name in logs. */
  readonly name: string
  /** Begins and ends with a slash. The longest matching path wins. */
  readonly path: string
  /**
   * Answers a request. Called once for each admitted request, and for no other. An exception, or a result that is not
   * a `Response`, becomes a 500 without details.
   *
   * @param request without credentials in query and `x-pollinations-token`; its `Authorization` is unchanged
   * @param context the decision, and the signal to stop
   */
  handle(request: Request, context: ServiceContext): Promise<Response>
  /** Starts of the interval that a request uses; 0: only concurrency counts. Default: 1. */
  cost?(request: Request): number
  /** A route pattern for the log in place of the path; there must be few different ones. Default: the service's path and `*`. */
  route?(request: Request): string
  /**
   * Whether a URL authorises itself, like presigned URLs. Such a request needs no token, skips the queue, and its
   * credentials are ignored. Default: no URL does.
   */
  open?(request: Request): boolean
  /**
   * The {@link ServiceContext.carry} of the request for which the service issued the token of this request. That
   * decision then applies. Return it only after checking the token's signature.
   *
   * @returns undefined without such a token
   */
  carried?(request: Request): string | undefined
  /**
   * Whether the body of a request is streamed, like an upload. Its sender then holds a slot, so the service must
   * refuse callers without rights before it reads. Default: bodies up to 1 MiB are read before a slot is taken.
   */
  streams?(request: Request): boolean
  /**
   * Whether a request neither waits nor takes a slot, because it is answered without work. Its body is streamed, so
   * the service must bound it. Default: none is.
   */
  unqueued?(request: Request): boolean
  /** Whether path segments may contain an encoded slash (`%2F`). Default: such requests get 400. */
  readonly encodedSlash?: boolean
  /** Milliseconds until the response's headers. Default: {@link GatewayOptions.headersMs}. */
  readonly headersMs?: number
  /** Origins whose pages may read responses; `*`: all. Default: all. */
  readonly origins?: readonly string[]
  /**
   * Request headers that pages may send in addition to the gateway's own, lower-case; a trailing `*` matches the rest
   * of a name. Default: `clientHeaders`, the headers of the SDKs of hubs, OpenAI and Anthropic.
   */
  readonly allowHeaders?: readonly string[]
  /** Response headers that pages may read in addition to the gateway's own and those that the response itself exposes. */
  readonly exposeHeaders?: readonly string[]
}

/** Context of an admitted request. */
export interface ServiceContext {
  /** The decision of this request, which determined its queueing. */
  readonly decision: Decision
  /**
   * The decision about the request's credential. It equals `decision` when the rules are enforced; during a rollout
   * it may have more rights. Rights must come from it.
   */
  readonly credential: Decision
  /** Also the response's `x-request-id`. */
  readonly requestId: string
  /** Address of the socket; null: unknown. */
  readonly peer: string | null
  /** Aborted when the client disconnects, the slot is lost, or the response takes too long. */
  readonly signal: AbortSignal
  /**
   * The decision as text, to be sealed into tokens that the service issues; returned to the gateway by `carried`. It
   * contains no scopes: such a token must state its own rights.
   */
  readonly carry: string
  /** Reports an error that the response does not show, for the log: its code or name is written, not its message. */
  failed(error: unknown): void
}

/**
 * The service that a path belongs to: the one with the longest path that is a prefix of it, segment by segment.
 *
 * @param services longest path first, see {@link sortServices}
 * @param pathname of the request
 * @example matchService(services, '/text') // the one with the path '/text/'
 */
export function matchService(services: readonly Service[], pathname: string): Service | undefined {
  return services.find(
    ({ path }) =>
      pathname.startsWith(path) ||
      (pathname.length === path.length - 1 && path.startsWith(pathname)),
  )
}

/**
 * Checks services, and sorts them by descending length of their path.
 *
 * @throws FerryError `configuration` for a path that does not begin and end with a slash, or a path that two services have
 */
export function sortServices(services: readonly Service[]): readonly Service[] {
  const names = new Map<string, string>()
  for (const { name, path } of services) {
    if (!path.startsWith('/') || !path.endsWith('/')) {
      throw wrong(`The path of service "${name}" is "${path}". Begin and end it with a slash.`)
    }
    const other = names.get(path)
    if (other !== undefined) {
      throw wrong(`Services "${other}" and "${name}" both have the path "${path}". Change one.`)
    }
    names.set(path, name)
  }
  return services.toSorted((one, other) => other.path.length - one.path.length)
}

function wrong(message: string): FerryError {
  return new FerryError('configuration', message)
}

/** The route pattern of a service for the log. An error in it must not fail the request. */
export function routeOf(service: Service, request: Request): string {
  try {
    return service.route?.(request) ?? `${service.path}*`
  } catch {
    return `${service.path}*`
  }
}

const tokenHeader = 'x-pollinations-token'

/**
 * The request for a service: without the gateway's credentials (query, and `x-pollinations-token`), and with the
 * public URL. The same object when nothing changes.
 *
 * @param request with a normalised URL
 * @param publicUrl its public origin; undefined: the URL's own
 * @param body buffered or rate-guarded body; undefined: none
 */
export function serviceRequest(
  request: Request,
  publicUrl: string | undefined,
  body: BodyInit | undefined,
): Request {
  const url = new URL(request.url)
  const search = queryWithoutToken(url.search)
  const origin = publicUrl ?? url.origin
  const isSame = search === url.search && origin === url.origin && body === undefined
  if (isSame && !request.headers.has(tokenHeader)) return request
  const headers = new Headers(request.headers)
  headers.delete(tokenHeader)
  return rebuild(request, `${origin}${url.pathname}${search}`, headers, body)
}

/** The request with a normalised URL; the same object when it is normalised already. */
export function withUrl(request: Request, { href }: URL): Request {
  if (href === request.url) return request
  const isBodyless = request.method === 'GET' || request.method === 'HEAD'
  return rebuild(
    request,
    href,
    request.headers,
    isBodyless ? undefined : (request.body ?? undefined),
  )
}

/** Built from its parts: some servers pass request-like objects, which `new Request` does not accept. */
function rebuild(
  { method, signal }: Request,
  url: string,
  headers: Headers,
  body: BodyInit | undefined,
): Request {
  return new Request(url, {
    method,
    headers,
    signal,
    ...(body !== undefined && { body, duplex: 'half' }),
  })
}

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

const credentials: ReadonlySet<string> = new Set(['authorization', tokenHeader])

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
export function hasCredential(request: Request, url: URL): boolean {
  return request.headers.has('authorization') || hasOtherCredential(request, url)
}

/** Whether a request may contain a credential in another place than its `Authorization` header or its body. */
export function hasOtherCredential({ headers }: Request, { search }: URL): boolean {
  return headers.has(tokenHeader) || queryWithoutToken(search) !== search
}
