// The gateway's own addresses: policy, counters and what else a configuration adds.

import { digestSet, sha256Hex } from '../auth/index.ts'
import { internalProblem, problemAnswer } from './problems.ts'
import { Hono } from 'hono/tiny'

/** Addresses that the gateway answers itself. Those that are left out do not exist. */
export interface Endpoints {
  /** Answered at `GET /.well-known/modelferry-policy` to all callers. */
  readonly policy?: () => object
  /** Answered at `GET /metrics` to callers that may read it; the text format of Prometheus. */
  readonly metrics?: {
    readonly render: () => string
    /** Answered at `GET /usage` to the same callers: use of today by subject and site. */
    readonly usage?: () => object
    /** Default: {@link mayReadMetrics} without tokens. */
    readonly mayRead?: (request: Request, peer: string | null) => boolean
  }
  /** Further ones by their path; they authenticate callers themselves, and skip the queue. */
  readonly more?: Readonly<Record<string, (request: Request) => Promise<Response>>>
}

const policyPath = '/.well-known/modelferry-policy'
const metricsPath = '/metrics'
const usagePath = '/usage'
const policySeconds = 60

/** Answers for the gateway's own addresses. */
export interface OwnEndpoints {
  has(pathname: string): boolean
  fetch(request: Request, from: OwnRequest): Promise<Response>
}

/** What they know besides the request. */
export interface OwnRequest {
  readonly peer: string | null
  readonly requestId: string
}

/**
 * Makes the gateway's own addresses. Hono routes these; requests for services do not go through it, because their
 * way is one order of steps that has to be read in one place, and a table of paths is all they would need of it.
 *
 * @param endpoints what there is
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
      // Who may not read them is not told that they are there.
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
    const detail = 'There is nothing at this address, or not for this method.'
    return problemAnswer({ status: 404, title: 'Not Found', detail }, env.requestId)
  })
  app.onError((_, { env }) => problemAnswer(internalProblem, env.requestId))
  return {
    has: (pathname) => paths.has(pathname),
    fetch: async (request, from) => app.fetch(request, from),
  }
}

/**
 * Says who may read the counters: requests with a token for it. The address of a peer proves nothing: a proxy on the
 * same machine forwards strangers from loopback, and need not say so.
 *
 * @param tokens SHA-256 of each token that may, 64 hex digits
 */
export function mayReadMetrics(
  tokens: readonly string[] = [],
): (request: Request, peer: string | null) => boolean {
  const isKnown = digestSet(tokens)
  return ({ headers }) => {
    const token = /^bearer +([\w.~+/-]+=*)$/i.exec(headers.get('authorization') ?? '')?.[1]
    return token !== undefined && isKnown(sha256Hex(token))
  }
}

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i
const forwarded = /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|origin|sec-fetch-site)$/

/**
 * Whether a request to a loopback listener was sent by a program of this machine itself: not by a page in a browser
 * here, also not through a name that leads here, and not by a proxy that says so.
 */
export function isLocalProgram({ headers, url }: Request): boolean {
  if (!loopbackHost.test(new URL(url).hostname)) return false
  return ![...headers.keys()].some((name) => forwarded.test(name))
}
