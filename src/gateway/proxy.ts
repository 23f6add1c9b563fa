// Services behind the gateway: another server, or the embedded hub, as they are configured.
import { checkCredentials, sealDecision } from '../auth/index.ts'
import { FerryError, readBounded, redactUrl, type Clock } from '../core/index.ts'
import { wildcard } from '../address/index.ts'
import { problemAnswer } from './problems.ts'
import type { Fetch } from '../net/index.ts'
import type { Service, ServiceContext } from './service.ts'
import type { CostConfig, ServiceConfig } from '../config/index.ts'

const always = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * Names of headers that are for one connection only.
 *
 * @param headers whose `Connection` may list more
 * @see RFC 9110, section 7.6.1
 */
function hopByHop(headers: Headers): ReadonlySet<string> {
  const named = (headers.get('connection') ?? '').toLowerCase().split(',')
  return new Set([...always, ...named.map((name) => name.trim())])
}

const dropped = new Set(['set-cookie', 'alt-svc', 'strict-transport-security', 'x-request-id'])

/**
 * Headers of a response as sent to the client. Cookies are removed.
 *
 * @param headers of the upstream's response; not changed
 * @param upstream its URL: redirects within it become redirects within the service
 * @param path of the service, with its slashes
 */
function answerHeaders(headers: Headers, upstream: string, path: string): Headers {
  const hop = hopByHop(headers)
  // `fetch` has decoded the body, so both headers are wrong.
  const isUnpacked = headers.has('content-encoding')
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (hop.has(name) || dropped.has(name)) continue
    if (isUnpacked && (name === 'content-encoding' || name === 'content-length')) continue
    kept.append(name, name === 'location' ? mapped(value, upstream, path) : value)
  }
  return kept
}

/** Maps a URL of the upstream to one of the service. */
function mapped(location: string, upstream: string, path: string): string {
  const base = new URL(upstream)
  const basePath = base.pathname.replace(/\/$/, '')
  const isAbsolute = location.startsWith(`${base.origin}/`)
  if (!isAbsolute && !/^\/(?!\/)/.test(location)) return location
  const rest = isAbsolute ? location.slice(base.origin.length) : location
  return rest.startsWith(`${basePath}/`) ? path + rest.slice(basePath.length + 1) : location
}

/**
 * Removed from requests: credentials; addresses, which any caller may forge; headers that `fetch` sets itself; and
 * headers that only a trusted proxy may set: a user's identity, and overrides of method, path or host.
 */
const droppedRequestHeaders = new RegExp(
  `^(?:${[
    'authorization|cookie2?|x-pollinations-token',
    'host|content-length|expect|upgrade-insecure-requests|sec-.*|access-control-request-.*',
    'forwarded|via|proxy|proxy-.*|x-forwarded(?:-.*)?|x-proxy-.*|x-real-ip|x-client-(?:ip|cert|dn|s-dn|verify).*|x-cluster-.*|x-remote-.*',
    'cf-.*|true-client-ip|fastly-.*|x-envoy-.*|x-azure-.*|x-appengine-.*|x-amzn-oidc-.*|x-arr-.*|x-goog-(?:iap|authenticated)-.*|x-ms-(?:client-principal|token).*',
    'x-original-.*|x-rewrite-.*|x-override-.*|x-method-override|x-http-.*|x-host|x-url|x-path|x-accel-.*|x-sendfile.*',
    'x-auth(?:-.*)?|x-authenticated-.*|x-user(?:-(?:id|name|email|roles?|groups?))?|x-webauth-.*|x-ssl-.*|ssl-.*|x-tls-.*|x-client|client-.*',
    'remote-.*|x-forwarded|x-internal-.*|x-debug-.*|x-modelferry-.*|x-middleware-.*',
  ].join('|')})$`,
)

/**
 * Headers of a request as sent to the upstream.
 *
 * @param headers for the service; not changed
 * @param requestId also sent to the caller, so that both logs can be joined
 */
function requestHeaders(headers: Headers, requestId: string): Headers {
  const hop = hopByHop(headers)
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (!droppedRequestHeaders.test(name) && !hop.has(name)) kept.append(name, value)
  }
  const referer = headers.get('referer')
  // Queries of page URLs may contain secrets.
  if (referer !== null) kept.set('referer', redactUrl(referer))
  // Otherwise a body that `fetch` decodes would have to be encoded again.
  kept.set('accept-encoding', 'identity')
  kept.set('x-request-id', requestId)
  return kept
}

/**
 * The upstream URL of a request. It cannot leave the upstream's path: dot segments are resolved before the prefix is
 * compared, and encoded characters stay encoded.
 *
 * @param upstream absolute, with or without a trailing slash
 * @param path of the service, with its slashes
 * @param url of the request, below that path
 * @example upstreamUrl('https://text.example/v1', '/text/', 'https://gateway.example/text/chat?a=1')
 * // 'https://text.example/v1/chat?a=1'
 */
function upstreamUrl(upstream: string, path: string, url: string): string {
  const { pathname, search } = new URL(url)
  const target = new URL(upstream)
  const base = target.pathname.replace(/\/$/, '')
  const rest = pathname.slice(path.length - 1)
  // Assigned by parts: a rest with two leading slashes would otherwise name another host.
  target.pathname = `${base}${rest}`
  target.search = search
  return target.href
}

/** Options of a service on another server. */
export interface ProxyOptions extends Pick<
  Service,
  'name' | 'path' | 'cost' | 'route' | 'headersMs' | 'origins' | 'allowHeaders' | 'exposeHeaders'
> {
  /** Absolute; the part of a request's path after `path` is appended. */
  readonly upstream: string
  /**
   * Credential with which requests are signed, so that the server trusts their decision. A signature covers the body,
   * so signed requests may have at most 1 MiB of it. Default: unsigned; bodies of any size are streamed, and no
   * decision is sent.
   */
  readonly credential?: { readonly keyId: string; readonly secret: string }
  readonly fetch?: Fetch
  readonly clock?: Pick<Clock, 'now'>
}

const mostSigned = 1_048_576
/** Servers accept 16 KiB of headers, some of them only 8. */
const mostSealed = 8192

/**
 * Makes a service of another server. No credential for the gateway is forwarded: no `Authorization`, cookie,
 * `x-pollinations-token` or client address. A body is forwarded unchanged: with tokens in bodies allowed, they reach
 * the service too.
 *
 * @param options `name`, `path` and `upstream` are required
 * @throws FerryError `configuration` when the upstream is not an http(s) URL, or the credential is weak
 * @example proxyService({ name: 'text', path: '/text/', upstream: 'https://text.internal/v1', credential })
 */
export function proxyService(options: ProxyOptions): Service {
  const { upstream, credential, clock, fetch = send, ...service } = options
  if (!URL.canParse(upstream) || !/^https?:$/.test(new URL(upstream).protocol)) {
    throw new FerryError(
      'configuration',
      `The upstream of service "${service.name}" is not an http URL. Give one like https://text.example/v1.`,
      { url: upstream },
    )
  }
  if (credential !== undefined) checkCredentials([credential])

  const forward = async (request: Request, context: ServiceContext): Promise<Response> => {
    const { decision, requestId, signal } = context
    const { method } = request
    const url = upstreamUrl(upstream, service.path, request.url)
    const headers = requestHeaders(request.headers, requestId)
    const isBodyless = method === 'GET' || method === 'HEAD'
    let body: BodyInit | null = isBodyless ? null : request.body
    if (credential !== undefined) {
      const bytes = await readBounded(isBodyless ? null : request.body, mostSigned)
      if (bytes === null) return problemAnswer(tooLargeProblem, requestId)
      const sealed = sealDecision(decision, { method, url, body: bytes }, credential, {
        ...(clock && { clock }),
      })
      const length = Object.entries(sealed).reduce((sum, pair) => sum + pair.join(': ').length, 0)
      if (length > mostSealed) return problemAnswer(tooManyScopesProblem, requestId)
      for (const [name, value] of Object.entries(sealed)) headers.set(name, value)
      body = isBodyless ? null : new Blob([bytes as Uint8Array<ArrayBuffer>])
    }
    const response = await fetch(url, {
      method,
      headers,
      body,
      signal,
      redirect: 'manual',
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    })
    const { status, statusText } = response
    if (response.type === 'opaqueredirect') return problemAnswer(badGatewayProblem, requestId)
    return new Response(response.body, {
      status,
      statusText,
      headers: answerHeaders(response.headers, upstream, service.path),
    })
  }

  return {
    ...service,
    async handle(request, context) {
      try {
        return await forward(request, context)
      } catch (error) {
        if (context.signal.aborted) throw error
        context.failed(error)
        return problemAnswer(badGatewayProblem, context.requestId)
      }
    },
  }
}

/** Looked up at each call, so that a replaced global `fetch` is used. */
const send: Fetch = (url, init) => globalThis.fetch(url, init)

const badGatewayProblem = {
  status: 502,
  title: 'Bad Gateway',
  detail: 'The server behind this path gave no usable response. Try again later.',
}

const tooLargeProblem = {
  status: 413,
  title: 'Content Too Large',
  detail: `A request to this service may have ${mostSigned} bytes of body.`,
}

const tooManyScopesProblem = {
  status: 431,
  title: 'Request Header Fields Too Large',
  detail: `This token has more scopes than fit into the signed decision for the server behind this path (${mostSealed} bytes). Use a token with fewer scopes here.`,
}

/** The dependencies of a service besides its configuration; see {@link GatewayParts}. */
interface ServiceParts {
  readonly hub?: Omit<Service, 'name' | 'path'>
  readonly fetch?: Fetch
  readonly clock?: Clock
}

/**
 * Makes a configured service: another server, or the embedded hub.
 *
 * @throws FerryError `configuration`, naming the service, when there is no hub; for an unusable upstream
 */
export function serviceFromConfig(
  { name, path, upstream, credential, costs, cors, timeoutSeconds }: ServiceConfig,
  { hub, fetch, clock }: ServiceParts,
): Service {
  const headersMs = timeoutSeconds * 1000
  if (upstream !== undefined) {
    return proxyService({
      name,
      path,
      upstream,
      headersMs,
      ...cors,
      ...(costs.length > 0 && { cost: costOf(costs, () => 1) }),
      ...(credential && { credential }),
      ...(fetch && { fetch }),
      ...(clock && { clock }),
    })
  }
  if (hub === undefined) {
    throw new FerryError(
      'configuration',
      `Service "${name}" has no upstream, and there is no hub here. Give it an upstream.`,
    )
  }
  const own = (request: Request): number => hub.cost?.(request) ?? 1
  return {
    ...hub,
    ...cors,
    name,
    path,
    headersMs,
    cost: costs.length > 0 ? costOf(costs, own) : own,
  }
}

/**
 * The cost of a request to a service: that of the first matching entry.
 *
 * @param costs of the configuration
 * @param otherwise the service's own cost function
 */
function costOf(
  costs: readonly CostConfig[],
  otherwise: (request: Request) => number,
): (request: Request) => number {
  const entries = costs.map((cost) => ({ ...cost, pattern: wildcard(cost.path) }))
  return (request) => {
    const { pathname } = new URL(request.url)
    const entry = entries.find(
      ({ method, pattern }) =>
        (method === undefined || method === request.method) && pattern.test(pathname),
    )
    return entry?.cost ?? otherwise(request)
  }
}
