// The services behind the gateway: their interface, and the choice of a service by path.
// Implemented by proxy.ts and by the embedded hub.

import type { Decision } from '../auth/index.ts'
import { FerryError } from '../core/index.ts'
import { queryWithoutToken } from './target.ts'

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
