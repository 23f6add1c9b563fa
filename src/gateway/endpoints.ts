// The gateway's own endpoints: policy, counters and those that a configuration adds.

import { bearerTest } from '../auth/index.ts'
import { internalProblem, problemAnswer } from './problems.ts'
import { Hono } from 'hono/tiny'

/** Paths that the gateway answers itself. Omitted ones do not exist. */
export interface Endpoints {
  /** Answered at `GET /.well-known/modelferry-policy` to all callers. */
  readonly policy?: () => object
  /** Answered at `GET /metrics` to authorised callers, in the text format of Prometheus. */
  readonly metrics?: {
    readonly render: () => string
    /** Answered at `GET /usage` to the same callers: usage of the current day by subject and site. */
    readonly usage?: () => object
    /** Default: {@link mayReadMetrics} without tokens. */
    readonly mayRead?: (request: Request, peer: string | null) => boolean
  }
  /** Further endpoints by path; they authenticate callers themselves, and skip the queue. */
  readonly more?: Readonly<Record<string, (request: Request) => Promise<Response>>>
}

const policyPath = '/.well-known/modelferry-policy'
const metricsPath = '/metrics'
const usagePath = '/usage'
const policySeconds = 60

/** Answers requests to the gateway's own endpoints. */
export interface OwnEndpoints {
  has(pathname: string): boolean
  fetch(request: Request, from: OwnRequest): Promise<Response>
}

/** Context of such a request. */
export interface OwnRequest {
  readonly peer: string | null
  readonly requestId: string
}

/**
 * Makes the gateway's own endpoints. Hono routes them. Requests for services do not use Hono: their pipeline is a
 * fixed sequence of steps that should be readable in one place, and they need only a table of paths.
 *
 * @param endpoints the configured endpoints
 */
export function createEndpoints({ policy, metrics, more = {} }: Endpoints): OwnEndpoints {
  const app = new Hono<{ Bindings: OwnRequest }>()
  const paths = new Set(Object.keys(more))
  if (policy !== undefined) {
    paths.add(policyPath)
    app.get(policyPath, (context) =>
      context.json(policy(), 200, {
        'access-control-allow-origin': '*',
        'cache-control': `public, max-age=${policySeconds}`,
      }),
    )
  }
  if (metrics !== undefined) {
    const { render, usage, mayRead = mayReadMetrics() } = metrics
    paths.add(metricsPath)
    app.get(metricsPath, (context) =>
      // Unauthorised callers do not learn that the endpoints exist.
      mayRead(context.req.raw, context.env.peer)
        ? context.body(render(), 200, {
            'content-type': 'text/plain; version=0.0.4; charset=utf-8',
            'cache-control': 'no-store',
          })
        : context.notFound(),
    )
    if (usage !== undefined) {
      paths.add(usagePath)
      app.get(usagePath, (context) =>
        mayRead(context.req.raw, context.env.peer)
          ? context.json(usage(), 200, { 'cache-control': 'no-store' })
          : context.notFound(),
      )
    }
  }
  for (const [path, answer] of Object.entries(more)) {
    app.all(path, (context) => answer(context.req.raw))
  }
  app.notFound(({ env }) => {
    const detail = 'There is nothing at this path, or not for this method.'
    return problemAnswer({ status: 404, title: 'Not Found', detail }, env.requestId)
  })
  app.onError((_, { env }) => problemAnswer(internalProblem, env.requestId))
  return {
    has: (pathname) => paths.has(pathname),
    fetch: async (request, from) => app.fetch(request, from),
  }
}

/**
 * Authorises readers of the counters: requests with a token for it. The address of a peer proves nothing: a proxy on
 * the same machine forwards remote requests from loopback, possibly without a header.
 *
 * @param tokens SHA-256 of each authorised token, 64 hex digits
 * @example const metrics = { render, mayRead: mayReadMetrics([sha256Hex(token)]) }
 */
export function mayReadMetrics(
  tokens: readonly string[] = [],
): (request: Request, peer: string | null) => boolean {
  const hasToken = bearerTest(tokens)
  return ({ headers }) => hasToken(headers)
}

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i
const forwarded = /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|origin|sec-fetch-site)$/

/**
 * Whether a request to a loopback listener was sent by a local program itself. Requests of pages in a local browser,
 * requests under another host name of this machine, and requests with a forwarding header of a proxy were not.
 */
export function isLocalProgram({ headers, url }: Request): boolean {
  if (!loopbackHost.test(new URL(url).hostname)) return false
  return ![...headers.keys()].some((name) => forwarded.test(name))
}
