// Normalises the path of a request, and finds its route. This is the only path parser of the hub: handlers, the log,
// faults and a gateway in front all use its result. HubEnv is the context of middleware and handlers besides the request
// itself: hono's `c.env` and `c.var`.
import { HubRefusal } from './refusals.ts'
import type { RequestKind, HubOrigin } from './log.ts'
import type { MiddlewareHandler, Context } from 'hono'
import type { Hono } from 'hono/tiny'
import type { HubContext, Revision, Rights } from './context.ts'
import type { FaultAction } from './faults.ts'
import type { HubCaller, RepoId } from './hub.ts'
import type { CasToken } from './signing.ts'
import type { ByteRange } from '../core/index.ts'

/** The repository part of a route: `owner/name` or `name`. An encoded slash stays within its segment. */
export const REPO = ':repo{[^/]+(?:/[^/]+)?}'
export const TYPE = ':type{models|datasets|spaces}'

const LONGEST = 4096
const kinds = new WeakMap<object, RequestKind>()

/**
 * Marks a route with its kind for logs and faults; the first handler of every route.
 *
 * @example app.get('/api/whoami-v2', as('account'), whoami)
 */
export function as(kind: RequestKind): MiddlewareHandler<HubEnv> {
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- each route needs a separate function as its key
  const mark: MiddlewareHandler<HubEnv> = (_, next) => next()
  kinds.set(mark, kind)
  return mark
}

/** Whether a request is for presigned storage, which may be a separate origin. */
export function isStored(kind: RequestKind): boolean {
  return kind === 'xorb' || kind === 'lfs'
}

/** Whether a query parameter or a form field is true. Python writes `True`. */
export function isTrue(value: string | undefined): boolean {
  return /^(true|1)$/i.test(value ?? '')
}

/** A count from a query; 0 for anything that is none. */
export function readCount(text: string | undefined): number {
  return /^\d{1,6}$/.test(text ?? '') ? Number(text) : 0
}

/**
 * Normalises a path: every segment is decoded and encoded again. `/%61pi` becomes `/api`; an encoded slash stays
 * encoded, because a branch such as `refs/pr/1` is sent within one segment.
 *
 * @param pathname of a request's URL
 * @returns undefined when it cannot be decoded
 * @example canonicalPath('/%61pi/models/a%2fb') // '/api/models/a%2Fb'
 */
export function canonicalPath(pathname: string): string | undefined {
  try {
    return pathname
      .split('/')
      .map((part) => encodeURIComponent(decodeURIComponent(part)))
      .join('/')
  } catch {
    return undefined
  }
}

/**
 * Refuses a path that no route can have.
 *
 * @param pathname of a request's URL
 * @throws HubRefusal 400 or 414
 */
export function checkTarget(pathname: string): void {
  if (pathname.length > LONGEST) {
    throw new HubRefusal(414, `A path may have at most ${LONGEST} characters.`)
  }
  if (canonicalPath(pathname) === undefined) {
    throw new HubRefusal(400, 'The path has an invalid percent encoding.')
  }
}

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const

/**
 * Finds the route of a request.
 *
 * @param app with all routes
 * @param method of the request; HEAD counts as GET
 * @param pathname of its URL
 */
export function routeOf(app: Hono<HubEnv>, method: string, pathname: string): RouteMatch {
  const path = canonicalPath(pathname)
  const wanted = method === 'HEAD' ? 'GET' : method
  const none: RouteMatch = { kind: 'unknown', params: {}, methods: [] }
  if (path === undefined || path.length > LONGEST * 3) return none
  const own = match(app, wanted, path)
  if (own !== undefined) return { ...own, methods: [wanted] }
  const found = methods.flatMap((other) => {
    const route = match(app, other, path)
    return route === undefined ? [] : [{ ...route, other }]
  })
  const [first] = found
  if (first === undefined) return none
  return {
    kind: first.kind,
    params: first.params,
    methods: found.flatMap(({ other }) => (other === 'GET' ? ['GET', 'HEAD'] : [other])),
  }
}

function match(
  app: Hono<HubEnv>,
  method: string,
  path: string,
): Pick<RouteMatch, 'kind' | 'params'> | undefined {
  for (const [[handler], params] of app.router.match(method, path)[0]) {
    const kind = kinds.get(handler)
    // The pattern router returns parameter values, not indexes of captures.
    if (kind !== undefined) return { kind, params: params as Record<string, string> }
  }
  return undefined
}

/** The context of a request. */
export interface HubEnv {
  /** Set before the app runs. */
  Bindings: {
    readonly hub: HubContext
    /** The origin at which it arrived. */
    readonly origin: HubOrigin
    /** Set when something in front has identified the caller. */
    readonly caller: HubCaller | undefined
  }
  /** Set by the named middleware. */
  Variables: {
    /** The app. */
    route: RouteMatch
    /** The app: the injected fault of this request. */
    fault: FaultAction | undefined
    /** `repository`. */
    repo: RepoId
    /** `repository`; default: `main`. */
    revision: string
    /** `repository`: of a file; default: empty. */
    path: string
    /** `repository`; undefined: anonymous. */
    rights: Rights | undefined
    /** `visible`. */
    commit: Revision
    /** `casToken`. */
    token: CasToken
    /** `presigned`: the signed ranges; empty: any. */
    ranges: readonly ByteRange[]
  }
}

/** A request within a handler. */
export type HubRequest = Context<HubEnv>

/** The route of a request's method and path. */
interface RouteMatch {
  readonly kind: RequestKind
  /** As in the path: still encoded. */
  readonly params: Readonly<Record<string, string>>
  /** Methods that the path has; empty: there is nothing at this path. */
  readonly methods: readonly string[]
}
