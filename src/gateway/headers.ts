// Response headers: CORS, request id, quota, and the removal of headers that shared caches must not store.

import { challenge, methods } from './problems.ts'
import type { Service } from './service.ts'

/**
 * Joins lists of header names, each name once, in its first spelling.
 *
 * @param lists texts with commas, as in `Vary`; null counts as empty
 * @example mergeNames('Accept, Origin', 'origin') // 'Accept, Origin'
 */
function mergeNames(...lists: readonly (string | null)[]): string {
  const names = new Map<string, string>()
  for (const list of lists) {
    for (const part of list?.split(',') ?? []) {
      const name = part.trim()
      if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
    }
  }
  return [...names.values()].join(', ')
}

const exposed = 'retry-after, ratelimit, ratelimit-policy, x-request-id, x-auth-result'

/**
 * Lets pages of any origin read a response, in addition to the headers that the service exposed.
 *
 * @param headers changed in place
 * @param origin of the page; null: unknown
 * @param exposeHeaders of the service
 */
function addCors(
  headers: Headers,
  origin: string | null,
  exposeHeaders: readonly string[] = [],
): void {
  headers.set('vary', mergeNames(headers.get('vary'), 'Origin'))
  // Cookies and other credentials that the browser adds are not allowed: a page could use a login that its user did not
  // give to it.
  headers.delete('access-control-allow-credentials')
  headers.delete('access-control-allow-origin')
  if (origin === null) return
  headers.set('access-control-allow-origin', origin)
  const own = headers.get('access-control-expose-headers')
  headers.set('access-control-expose-headers', mergeNames(own, exposed, exposeHeaders.join(',')))
}

/**
 * Adds the headers of every response, including the gateway's own.
 *
 * @param headers changed in place
 */
export function setCommonHeaders(
  headers: Headers,
  { requestId, tokenInUrl }: { readonly requestId: string; readonly tokenInUrl: boolean },
): void {
  headers.set('x-request-id', requestId)
  if (!tokenInUrl) return
  // The URL is then a secret: no cache may store it, and no other server may see it.
  headers.set('cache-control', 'private, no-store')
  headers.set('referrer-policy', 'no-referrer')
}

/** The inputs of a response's headers. */
export interface ResponseFacts {
  readonly requestId: string
  /** `Origin` of the request. */
  readonly origin: string | null
  readonly realm: string
  /** Reason of the decision; undefined: none was made. */
  readonly reason: string | undefined
  readonly rateLimit: { readonly policy: string; readonly limit: string } | undefined
  /** Whether the request's URL contains a token. */
  readonly tokenInUrl: boolean
  readonly exposeHeaders: readonly string[] | undefined
}

/**
 * Adds the gateway's headers to a response.
 *
 * @param headers changed in place
 * @param status of the response
 */
export function setResponseHeaders(headers: Headers, status: number, by: ResponseFacts): void {
  setCommonHeaders(headers, by)
  // A 401 must have a challenge (RFC 9110); without a token it has no error (RFC 6750).
  if (status === 401 && !headers.has('www-authenticate')) {
    headers.set('www-authenticate', challenge(by.realm))
  }
  if (by.reason !== undefined) headers.set('x-auth-result', by.reason)
  if (by.rateLimit !== undefined) {
    headers.set('ratelimit-policy', by.rateLimit.policy)
    headers.set('ratelimit', by.rateLimit.limit)
  }
  if (isShared(headers)) dropPersonal(headers)
  addCors(headers, by.origin, by.exposeHeaders)
}

/** Whether a response may be stored by shared caches (RFC 9111, section 3). */
function isShared(headers: Headers): boolean {
  const text = headers.get('cache-control')
  if (text === null) return false
  const names = text
    .toLowerCase()
    .split(',')
    .map((directive) => directive.split('=', 1)[0]?.trim())
  if (names.includes('private') || names.includes('no-store')) return false
  return ['public', 's-maxage', 'max-age', 'immutable'].some((name) => names.includes(name))
}

/** A shared cache returns the response to callers with other decisions. */
function dropPersonal(headers: Headers): void {
  // Iterates over a copy: a deletion would make the iteration skip the next name.
  for (const name of Array.from(headers.keys())) {
    if (/^(?:x-auth-|x-debug-|ratelimit(?:-policy)?$|set-cookie$)/.test(name)) headers.delete(name)
  }
}

/** Whether a request is a CORS preflight: only browsers send `OPTIONS` with these headers. */
export function isPreflight(request: Request): boolean {
  return (
    request.method === 'OPTIONS' &&
    (request.headers.has('access-control-request-method') ||
      request.headers.has('access-control-request-headers'))
  )
}

/** Listed by name, because the wildcard does not cover `Authorization`. */
const ownHeaders = 'authorization, content-type, x-pollinations-token, x-app-id'
const maxAgeSeconds = 7200

/** Headers that hub clients and the SDKs of OpenAI and Anthropic send from a page. */
const clientHeaders: readonly string[] = [
  'accept',
  'range',
  'if-match',
  'if-none-match',
  'if-range',
  'if-modified-since',
  'cache-control',
  'idempotency-key',
  'user-agent',
  'x-api-key',
  'x-request-id',
  'x-xet-session-id',
  'x-stainless-*',
  'openai-organization',
  'openai-project',
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
  'http-referer',
  'x-title',
]

type Cors = Pick<Service, 'origins' | 'allowHeaders'>

/** Whether pages of an origin may read the responses of a service. */
export function allowsOrigin(service: Cors | undefined, origin: string | null): boolean {
  const origins = service?.origins
  return origins === undefined || origins.includes('*') || origins.includes(origin ?? '')
}

/**
 * Permits pages to send a request, without cookies and other credentials that the browser adds. The decision is made
 * for the request that follows, not here.
 *
 * @param asked headers of the preflight
 * @param service that the path belongs to; undefined: none
 * @example preflightAnswer(request.headers, service).status // 204
 */
export function preflightAnswer(asked: Headers, service: Cors | undefined): Response {
  const origin = asked.get('origin')
  const allowed = service?.allowHeaders ?? clientHeaders
  const prefixes = allowed.filter(isPattern).map((name) => name.slice(0, -1).toLowerCase())
  const matching = mergeNames(asked.get('access-control-request-headers'))
    .split(', ')
    .filter(
      (name) =>
        /^[\w-]+$/.test(name) && prefixes.some((prefix) => name.toLowerCase().startsWith(prefix)),
    )
  const names = allowed.filter((name) => !isPattern(name))
  return new Response(null, {
    status: 204,
    headers: {
      ...(origin !== null &&
        allowsOrigin(service, origin) && { 'access-control-allow-origin': origin }),
      'access-control-allow-methods': preflightMethods,
      'access-control-allow-headers': mergeNames(ownHeaders, names.join(','), matching.join(',')),
      'access-control-max-age': String(maxAgeSeconds),
      vary: 'Origin, Access-Control-Request-Headers',
    },
  })
}

function isPattern(name: string): boolean {
  return name.endsWith('*')
}

const preflightMethods = [...methods].filter((method) => method !== 'OPTIONS').join(', ')
