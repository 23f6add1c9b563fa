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
  /** Milliseconds until the answer's headers. Default: {@link GatewayOptions.headersMs}. */
  readonly headersMs?: number
  /** Request headers that pages may send besides the gateway's own, lower-case. */
  readonly allowHeaders?: readonly string[]
  /** Response headers that pages may read besides the gateway's own and those that the answer itself exposes. */
  readonly exposeHeaders?: readonly string[]
}

/** What travels with a request that was admitted. */
export interface ServiceContext {
  /** Made once, for this request. */
  readonly decision: Decision
  /** Also the answer's `x-request-id`. */
  readonly requestId: string
  /** Address of the socket; null: there is none. */
  readonly peer: string | null
  /** Aborted when the client is gone, the slot is lost, or the answer took too long. */
  readonly signal: AbortSignal
  /** The decision as text, to be sealed into tokens that the service issues; comes back by `carried`. */
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
 * @param request as it came
 * @param url of the request
 * @param publicUrl origin under which it was sent; undefined: the URL's own
 */
export function serviceRequest(request: Request, url: URL, publicUrl: string | undefined): Request {
  const search = queryWithoutToken(url.search)
  const origin = publicUrl ?? url.origin
  const bare = search === url.search
  if (bare && origin === url.origin && !request.headers.has(tokenHeader)) return request
  const headers = new Headers(request.headers)
  headers.delete(tokenHeader)
  const { method, signal } = request
  const bodyless = method === 'GET' || method === 'HEAD'
  // Made from its parts: servers pass objects that only look like requests, which `new Request` does not accept.
  return new Request(`${origin}${url.pathname}${search}`, {
    method,
    headers,
    signal,
    ...(!bodyless && request.body !== null && { body: request.body, duplex: 'half' }),
  })
}
