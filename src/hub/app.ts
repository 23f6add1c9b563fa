// The hub as a hono app: middleware in the order in which it runs, then the routes of each protocol. create-hub.ts
// creates it once; every request passes through it. CORS and the controls for tests and demos follow below.
import { sleep, FerryError } from '../core/index.ts'
import { casRoutes } from './cas.ts'
import { commitRoutes } from './commits.ts'
import { damageBody, failOnPurpose, type FaultTaker, type FaultRule } from './faults.ts'
import { hubApiRoutes } from './hub-api.ts'
import { lfsRoutes } from './lfs.ts'
import { listingRoutes } from './listings.ts'
import { refRoutes } from './refs.ts'
import { HubRefusal, refusalAnswer, jsonAnswer } from './refusals.ts'
import { repoInfoRoutes, repositoryRoutes } from './repositories.ts'
import { resolveRoutes } from './resolve.ts'
import { as, canonicalPath, checkTarget, isStored, routeOf, type HubEnv } from './routing.ts'
import { xorbRoutes } from './xorbs.ts'
import { Hono } from 'hono/tiny'
import { readJson } from './body.ts'
import type { LogFollower, HubOrigin } from './log.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hub } from './hub.ts'

/** The middleware's dependencies. */
interface AppParts {
  readonly take: FaultTaker
  readonly follow: LogFollower
  /** Answers `/-/`; undefined: there are no controls. */
  readonly control: ((request: Request, action: string) => Promise<Response>) | undefined
  /** Whether storage is a separate origin. */
  readonly apart: boolean
  /** Host names, besides those that no page can bind, under which changes are accepted. */
  readonly hosts: readonly string[]
  /** Whether any token may write, so that pages of other origins must be refused. */
  readonly open: boolean
  /** Aborted when the hub closes. */
  readonly closing: AbortSignal
}

/**
 * Makes the app. Handlers find the hub, the origin and the caller in `c.env`.
 *
 * @param stations dependencies of the middleware
 */
export function createApp(stations: AppParts): Hono<HubEnv> {
  const { control, closing } = stations
  const app = new Hono<HubEnv>({
    // The first middleware refuses a path that cannot be decoded.
    getPath: (request) => canonicalPath(new URL(request.url).pathname) ?? '/',
  })

  app.use(logged(app, stations.follow))
  app.use(withCommonHeaders)
  app.use(async (c, next) => {
    closing.throwIfAborted()
    if (c.req.raw.method === 'OPTIONS') return preflightAnswer(c.req.raw, c.env.origin)
    checkTarget(new URL(c.req.url).pathname)
    return next()
  })
  app.use(withFault(stations.take, closing))
  app.use(async (c, next) => {
    const { kind, methods } = c.var.route
    const here = !stations.apart || isStored(kind) === (c.env.origin === 'storage')
    if (!here || methods.length === 0) throw new HubRefusal(404, 'There is nothing at this path.')
    if (!methods.includes(c.req.raw.method === 'HEAD' ? 'GET' : c.req.raw.method)) {
      throw new HubRefusal(405, `Use ${methods.join(' or ')} here.`, undefined, {
        allow: methods.join(', '),
      })
    }
    return next()
  })
  app.use(refuseForeignChanges(stations))
  app.onError((error) => refusalAnswer(error))

  repositoryRoutes(app)
  hubApiRoutes(app)
  listingRoutes(app)
  commitRoutes(app)
  refRoutes(app)
  repoInfoRoutes(app)
  lfsRoutes(app)
  casRoutes(app)
  xorbRoutes(app)
  if (control !== undefined) {
    app.all('/-/:action{.+}', as('control'), (c) => control(c.req.raw, c.req.param('action')))
  }
  // Last, because the name of a repository may be anything.
  resolveRoutes(app)
  return app
}

/** Finds the route, and logs the response with its sent bytes. */
function logged(app: Hono<HubEnv>, follow: LogFollower): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const request = c.req.raw
    const { pathname } = new URL(request.url)
    c.set('route', routeOf(app, request.method, pathname))
    const at = c.env.hub.clock.now()
    await next()
    const response = request.method === 'HEAD' ? new Response(null, c.res) : c.res
    const entry = {
      at,
      origin: c.env.origin,
      kind: request.method === 'OPTIONS' ? ('preflight' as const) : c.var.route.kind,
      method: request.method,
      path: pathname,
      range: request.headers.get('range'),
      status: response.status,
      authorization: request.headers.has('authorization'),
      received: Number(request.headers.get('content-length') ?? 0),
    }
    replace(c, follow(entry, response))
  }
}

/** Adds the common headers and CORS. */
const withCommonHeaders: MiddlewareHandler<HubEnv> = async (c, next) => {
  await next()
  const { hub, origin } = c.env
  const { headers, status } = c.res
  headers.set('x-request-id', crypto.randomUUID())
  headers.set('date', new Date(hub.clock.now()).toUTCString())
  // A refused preflight grants nothing, for any settings.
  const hidden = status >= 400 && (c.req.raw.method === 'OPTIONS' || !hub.settings.corsOnErrors)
  if (!hidden && c.var.fault?.do !== 'drop-cors') addCors(headers, c.req.raw, origin)
}

/** Applies the fault that matches the request. */
function withFault(take: FaultTaker, closing: AbortSignal): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const { kind, params } = c.var.route
    const path = decodeURIComponent(new URL(c.req.url).pathname)
    const hash = params['hash']
    const fault = take({ kind, path, ...(hash !== undefined && { hash }) })
    if (fault === undefined) return next()
    c.set('fault', fault)
    const signal = AbortSignal.any([c.req.raw.signal, closing])
    if (fault.do === 'delay') await sleep(fault.ms, signal)
    if (fault.do === 'status') return failOnPurpose(fault.status, fault.headers, c.env.origin)
    await next()
    return replace(c, await damageBody(c.res, fault, signal))
  }
}

/**
 * Refuses changes under a host name that a page may have bound to this machine, and, when any token may write,
 * changes from pages of other machines. A front identifies its callers itself.
 */
function refuseForeignChanges({
  hosts,
  open,
}: Pick<AppParts, 'hosts' | 'open'>): MiddlewareHandler<HubEnv> {
  const isOwn = (url: URL): boolean => isUnbindable(url.hostname) || hosts.includes(url.hostname)
  return (c, next) => {
    const { method, headers } = c.req.raw
    const { kind } = c.var.route
    const isSafe = method === 'GET' || method === 'HEAD' || kind === 'optional'
    const reads = isSafe && kind !== 'control'
    if (reads || c.env.caller !== undefined || c.env.origin === 'storage') return next()
    const url = new URL(c.req.url)
    if (!isOwn(url)) {
      throw new HubRefusal(
        403,
        `This hub takes no changes under the name ${url.hostname}. Add it to the option hosts.`,
      )
    }
    const page = headers.get('origin')
    if (
      (open || kind === 'control') &&
      page !== null &&
      !(URL.canParse(page) && isOwn(new URL(page)))
    ) {
      throw new HubRefusal(403, 'An open hub takes no changes from pages of other machines.')
    }
    return next()
  }
}

/** IP addresses and `localhost`: a page cannot make these stand for another machine. */
function isUnbindable(hostname: string): boolean {
  return (
    /^(\d+\.){3}\d+$/.test(hostname) ||
    hostname.startsWith('[') ||
    hostname === 'localhost' ||
    hostname.endsWith('.localhost')
  )
}

/** Otherwise hono would copy the headers of the previous response into the new one. */
function replace(c: Parameters<MiddlewareHandler<HubEnv>>[0], response: Response): void {
  c.res = undefined
  c.res = response
}

/** Headers of the hub that a page may read: only those of the real hub. */
const exposedHeaders: string = [
  'Link',
  'X-Xet-Hash',
  'X-Linked-Size',
  'X-Linked-ETag',
  'ETag',
  'X-Repo-Commit',
  'X-Error-Code',
  'X-Error-Message',
  'X-Request-Id',
  'X-Total-Count',
  'Accept-Ranges',
  'Content-Range',
].join(', ')

const allowed: Readonly<Record<HubOrigin, { methods: string[]; headers: string[] }>> = {
  hub: {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    headers: [
      'accept',
      'authorization',
      'content-type',
      'if-none-match',
      'if-range',
      'range',
      'x-xet-session-id',
    ],
  },
  // No `authorization`: a token sent to storage is a mistake, and shows here as a failed preflight.
  storage: { methods: ['GET', 'HEAD', 'PUT'], headers: ['content-type', 'if-range', 'range'] },
}

/**
 * Adds the CORS headers of an answer: the hub echoes the page's origin, storage allows all origins.
 *
 * @param headers changed in place
 * @param request its `Origin`; none, no CORS
 * @param origin where the request arrived
 */
function addCors(headers: Headers, request: Request, origin: HubOrigin): void {
  if (origin === 'storage') {
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', '*')
    return
  }
  headers.append('vary', 'Origin, Accept')
  const page = request.headers.get('origin')
  if (page === null) return
  headers.set('access-control-allow-origin', page)
  headers.set('access-control-expose-headers', exposedHeaders)
}

/**
 * Answers a preflight: 204 when everything it asks for is allowed, else 403 without any permission.
 *
 * @param request OPTIONS
 * @param origin where it arrived
 */
function preflightAnswer(request: Request, origin: HubOrigin): Response {
  const { methods, headers } = allowed[origin]
  const method = request.headers.get('access-control-request-method') ?? 'GET'
  const wanted = (request.headers.get('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  if (!methods.includes(method) || !wanted.every((name) => headers.includes(name))) {
    return new Response(null, { status: 403 })
  }
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': headers.join(', '),
      'access-control-max-age': '86400',
    },
  })
}

/**
 * The controls over HTTP, under `/-/`: `POST expire-urls`; `GET`, `POST`, `DELETE faults`; `GET`, `DELETE log`;
 * `GET`, `PATCH settings`; `PUT`, `DELETE gated/owner/name`. For demos and tests.
 *
 * @param hub the controlled hub
 * @param request any
 * @param action the path after `/-/`
 * @throws HubRefusal 400 for a wrong value, 404 for another action
 */
export async function control(hub: Hub, request: Request, action: string): Promise<Response> {
  const [name = '', ...rest] = action.split('/')
  try {
    switch (`${request.method} ${name}`) {
      case 'POST expire-urls':
        await hub.expireUrls()
        return jsonAnswer({ expired: true })
      case 'GET faults':
        return jsonAnswer(hub.faults.rules)
      case 'POST faults':
        hub.faults.add((await readJson(request)) as unknown as FaultRule)
        return jsonAnswer(hub.faults.rules)
      case 'DELETE faults':
        hub.faults.clear()
        return jsonAnswer([])
      case 'GET log':
        return jsonAnswer(hub.log.entries)
      case 'DELETE log':
        hub.log.clear()
        return jsonAnswer([])
      case 'GET settings':
        return jsonAnswer(hub.settings)
      case 'PATCH settings':
        hub.configure(await readJson(request))
        return jsonAnswer(hub.settings)
      case 'PUT gated':
        hub.gated.add(rest.join('/'))
        return jsonAnswer([...hub.gated])
      case 'DELETE gated':
        hub.gated.delete(rest.join('/'))
        return jsonAnswer([...hub.gated])
      default:
        throw new HubRefusal(404, `There is no control ${request.method} ${name}.`)
    }
  } catch (error) {
    if (error instanceof FerryError) throw new HubRefusal(400, error.message)
    throw error
  }
}
