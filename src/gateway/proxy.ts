import { checkCredentials, sealDecision } from '../auth/index.ts'
import { type Clock, FerryError, readBounded, redactUrl } from '../core/index.ts'
import { problemAnswer } from './problems.ts'
import type { Fetch } from '../net/index.ts'
import type { Service, ServiceContext } from './service.ts'

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
 * @param headers whose `Connection` may name more
 * @see RFC 9110, section 7.6.1
 */
export function hopByHop(headers: Headers): ReadonlySet<string> {
  const named = (headers.get('connection') ?? '').toLowerCase().split(',')
  return new Set([...always, ...named.map((name) => name.trim())])
}

const dropped = new Set(['set-cookie', 'alt-svc', 'strict-transport-security', 'x-request-id'])

/**
 * Headers that an answer has before the gateway. No cookies: none are ever sent back.
 *
 * @param headers of the server behind; stay as they are
 * @param upstream its address: redirects within it become redirects within the service
 * @param path of the service, with its slashes
 */
export function answerHeaders(headers: Headers, upstream: string, path: string): Headers {
  const hop = hopByHop(headers)
  // Unpacked by `fetch` already, so neither is true any more.
  const isUnpacked = headers.has('content-encoding')
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (hop.has(name) || dropped.has(name)) continue
    if (isUnpacked && (name === 'content-encoding' || name === 'content-length')) continue
    kept.append(name, name === 'location' ? mapped(value, upstream, path) : value)
  }
  return kept
}

/** An address behind the gateway means nothing before it. */
function mapped(location: string, upstream: string, path: string): string {
  const base = new URL(upstream)
  const basePath = base.pathname.replace(/\/$/, '')
  const isAbsolute = location.startsWith(`${base.origin}/`)
  if (!isAbsolute && !/^\/(?!\/)/.test(location)) return location
  const rest = isAbsolute ? location.slice(base.origin.length) : location
  return rest.startsWith(`${basePath}/`) ? path + rest.slice(basePath.length + 1) : location
}

/**
 * Dropped from requests: credentials; addresses, which any caller may have written; what `fetch` writes itself; what only
 * a gateway or a proxy in front of the server may say: who is logged in, and that method, path or host are others than
 * they are.
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
 * Headers that a request has behind the gateway.
 *
 * @param headers as the service may see them; stay as they are
 * @param requestId also told to the caller, so that the logs of both can be joined
 */
export function requestHeaders(headers: Headers, requestId: string): Headers {
  const hop = hopByHop(headers)
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (!droppedRequestHeaders.test(name) && !hop.has(name)) kept.append(name, value)
  }
  const referer = headers.get('referer')
  // Whole addresses hold secrets of pages in their queries.
  if (referer !== null) kept.set('referer', redactUrl(referer))
  // What `fetch` unpacks would have to be packed again.
  kept.set('accept-encoding', 'identity')
  kept.set('x-request-id', requestId)
  return kept
}

/**
 * Where a request goes behind the gateway. It cannot leave the upstream's path: a URL's dots are resolved before
 * its beginning is compared, and what is encoded stays so.
 *
 * @param upstream absolute, with a slash at its end or without
 * @param path of the service, with its slashes
 * @param url of the request, below that path
 * @example upstreamUrl('https://text.example/v1', '/text/', 'https://gateway.example/text/chat?a=1')
 * // 'https://text.example/v1/chat?a=1'
 */
export function upstreamUrl(upstream: string, path: string, url: string): string {
  const { pathname, search } = new URL(url)
  const target = new URL(upstream)
  const base = target.pathname.replace(/\/$/, '')
  const rest = pathname.slice(path.length - 1)
  // Assigned piece by piece: a rest that begins with two slashes would name another host otherwise.
  target.pathname = `${base}${rest}`
  target.search = search
  return target.href
}

/** A service of another server. */
export interface ProxyOptions extends Pick<
  Service,
  'name' | 'path' | 'cost' | 'route' | 'headersMs' | 'origins' | 'allowHeaders' | 'exposeHeaders'
> {
  /** Absolute; what follows `path` in a request's address is put behind it. */
  readonly upstream: string
  /**
   * What requests are signed with, so that the server believes the decision they carry. A signature covers the body:
   * signed requests may have 1 MiB of it. Default: unsigned, bodies of any size are streamed, and no decision is sent.
   */
  readonly credential?: { readonly keyId: string; readonly secret: string }
  readonly fetch?: Fetch
  readonly clock?: Pick<Clock, 'now'>
}

const mostSigned = 1_048_576
/** Servers take 16 KiB of headers, some of them 8. */
const mostSealed = 8192

/**
 * Makes a service of a server elsewhere. Nothing by which the caller is known to the gateway gets there: no
 * `Authorization`, no cookie, no `x-pollinations-token`, no address. A body goes as it came: where tokens in bodies are
 * allowed, they are the service's business too.
 *
 * @throws FerryError `configuration` when the upstream is no http(s) address, or the credential protects nothing
 * @example proxyService({ name: 'text', path: '/text/', upstream: 'https://text.internal/v1', credential })
 */
export function proxyService(options: ProxyOptions): Service {
  const { upstream, credential, clock, fetch = send, ...service } = options
  if (!URL.canParse(upstream) || !/^https?:$/.test(new URL(upstream).protocol)) {
    throw new FerryError(
      'configuration',
      `The upstream of service "${service.name}" is no http address. Give one like https://text.example/v1.`,
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
  detail: 'The server behind this address gave no usable answer. Try again later.',
}

const tooLargeProblem = {
  status: 413,
  title: 'Content Too Large',
  detail: `A request to this service may have ${mostSigned} bytes of body.`,
}

const tooManyScopesProblem = {
  status: 431,
  title: 'Request Header Fields Too Large',
  detail: `This token has more scopes than fit into the signed decision for the server behind this address (${mostSealed} bytes). Use a token with fewer scopes here.`,
}
