// What stands behind the gateway: the interface of a service, and which service a path belongs to.
// Implemented by proxy.ts and by the embedded hub.

import type { Decision } from '../auth/index.ts'
import { FerryError } from '../core/index.ts'
import { queryWithoutToken } from './credentials.ts'

/**
 * Something that stands behind the gateway.
 *
 * @example
 * const echo: Service = { name: 'echo', path: '/echo/', handle: async (request) => new Response(request.body) }
 */
export interface Service {
  /** Names it in logs. */
  readonly name: string
  /** Begins and ends with a slash. Of several that fit, the longest has the request. */
  readonly path: string
  /**
   * Answers. Called once for a request that was admitted, and never for another one. What it throws, and a result that
   * is no `Response`, becomes a 500 that reveals nothing about it.
   *
   * @param request without credentials in query and `x-pollinations-token`; its `Authorization` is as it came
   * @param context the decision, and when to stop
   */
  handle(request: Request, context: ServiceContext): Promise<Response>
  /** Starts that a request counts for; 0: only concurrency counts. Default: 1. */
  cost?(request: Request): number
  /** Written to the log in place of the path: a pattern, of which there are few. Default: the service's path and `*`. */
  route?(request: Request): string
  /**
   * Whether an address carries its own proof, as presigned URLs do. Such a request needs no token, skips the queue, and
   * its credentials are ignored. Default: none does.
   */
  open?(request: Request): boolean
  /**
   * The {@link ServiceContext.carry} of the request for which the service issued the token that this request brings.
   * That decision then holds. To be returned only for a token whose genuineness the service has checked.
   *
   * @returns undefined without such a token
   */
  carried?(request: Request): string | undefined
  /**
   * Whether the body of a request is passed on as it arrives, as uploads are. Its sender then holds a slot, so the
   * service has to refuse callers without rights before it reads. Default: bodies up to 1 MiB are read before a slot is
   * taken.
   */
  streams?(request: Request): boolean
  /** Whether path segments may hold an encoded slash (`%2F`). Default: such requests get 400. */
  readonly encodedSlash?: boolean
  /** Milliseconds until the answer's headers. Default: {@link GatewayOptions.headersMs}. */
  readonly headersMs?: number
  /** Origins whose pages may read answers; `*`: all. Default: all. */
  readonly origins?: readonly string[]
  /**
   * Request headers that pages may send besides the gateway's own, lower-case; `*` at the end stands for the rest of a
   * name. Default: `clientHeaders`, what SDKs of hubs, OpenAI and Anthropic send.
   */
  readonly allowHeaders?: readonly string[]
  /** Response headers that pages may read besides the gateway's own and those that the answer itself exposes. */
  readonly exposeHeaders?: readonly string[]
}

/** What travels with a request that was admitted. */
export interface ServiceContext {
  /** Made once, for this request: how it queues. */
  readonly decision: Decision
  /**
   * What the request's credential proves. The same as `decision` where the rules are enforced; while they are rolled out
   * it may know more. Rights have to come from this.
   */
  readonly credential: Decision
  /** Also the answer's `x-request-id`. */
  readonly requestId: string
  /** Address of the socket; null: there is none. */
  readonly peer: string | null
  /** Aborted when the client is gone, the slot is lost, or the answer took too long. */
  readonly signal: AbortSignal
  /**
   * The decision as text, to be sealed into tokens that the service issues; comes back by `carried`. It holds no scopes:
   * such a token has to say by itself what it opens.
   */
  readonly carry: string
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
 * Checks services, and puts the one with the longest path first.
 *
 * @throws FerryError `configuration` for a path that does not begin and end with a slash, or that two services have
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

/** The pattern that a service names for the log. A service that fails at this must not fail the request. */
export function routeOf(service: Service, request: Request): string {
  try {
    return service.route?.(request) ?? `${service.path}*`
  } catch {
    return `${service.path}*`
  }
}

const tokenHeader = 'x-pollinations-token'

/**
 * The request as a service may see it: without the credentials that are the gateway's own (query, and
 * `x-pollinations-token`), and under the public address. The same object when there is nothing to change.
 *
 * @param request with its URL in normal form
 * @param publicUrl origin under which it was sent; undefined: the URL's own
 * @param body that was read ahead, or is guarded; undefined: there is none
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

/** The request with its URL in normal form; the same object when it is so already. */
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

/** Made from its parts: servers pass objects that only look like requests, which `new Request` does not accept. */
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
