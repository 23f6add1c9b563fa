import { sleep } from '../core/index.ts'
import { spoilBody } from './damage.ts'
import { failOnPurpose, type FaultTaker } from './faults.ts'
import { HubRefusal, refusalAnswer } from './refusals.ts'
import { dispatch } from './routes/dispatch.ts'
import { parseRoute } from './routes/parse-route.ts'
import type { HubContext } from './context.ts'
import type { HubOrigin, FaultAction, RequestKind, Route } from './hub.ts'
import type { LogFollower } from './log.ts'

/** What a page may read of the hub's answers: as little as the real one allows. */
export const exposedHeaders: string = [
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

/**
 * Adds the CORS headers of an answer: the hub echoes the page's origin, storage is open to all.
 *
 * @param headers changed in place
 * @param request its `Origin`; none, no CORS
 * @param origin where the request arrived
 */
export function addCors(headers: Headers, request: Request, origin: HubOrigin): void {
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
 * Answers a preflight: 204 when everything it asks for is allowed, else 403 without any permission.
 *
 * @param request OPTIONS
 * @param origin where it arrived
 */
export function preflightAnswer(request: Request, origin: HubOrigin): Response {
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

/** What a request meets on its way, in this order, besides its handler. */
interface Stations {
  readonly take: FaultTaker
  readonly follow: LogFollower
  /** Answers `/-/`; undefined: there are no controls. */
  readonly control: ((request: Request, action: string) => Promise<Response>) | undefined
  /** Whether storage is an origin of its own. */
  readonly apart: boolean
  /** Aborted when the hub closes. */
  readonly closing: AbortSignal
}

/**
 * Makes the way of a request: route, fault, handler, damage, CORS, log.
 *
 * @param hub what handlers use
 * @param stations what else it meets
 */
export function createAnswerer(
  hub: HubContext,
  { take, follow, control, apart, closing }: Stations,
): (request: Request, origin: HubOrigin) => Promise<Response> {
  const answer = (request: Request, route: Route, origin: HubOrigin): Promise<Response> => {
    const stored = route.kind === 'xorb' || route.kind === 'lfs'
    if (apart && stored !== (origin === 'storage')) {
      throw new HubRefusal(404, 'There is nothing at this path.')
    }
    if (route.kind === 'control' && control !== undefined) return control(request, route.action)
    return dispatch(hub, request, route)
  }
  const answerBadly = async (
    request: Request,
    route: Route,
    origin: HubOrigin,
    fault: FaultAction,
  ): Promise<Response> => {
    const signal = AbortSignal.any([request.signal, closing])
    if (fault.do === 'delay') await sleep(fault.ms, signal)
    if (fault.do === 'status') return failOnPurpose(fault.status, fault.headers, origin)
    return spoilBody(await answer(request, route, origin), fault, signal)
  }

  return async (request, origin) => {
    const { pathname } = new URL(request.url)
    const at = hub.clock.now()
    let kind: RequestKind | 'preflight' = 'unknown'
    let fault: FaultAction | undefined
    let response: Response
    try {
      closing.throwIfAborted()
      if (request.method === 'OPTIONS') {
        kind = 'preflight'
        response = preflightAnswer(request, origin)
      } else {
        const route = parseRoute(pathname)
        kind = route.kind
        const hash = 'hash' in route ? { hash: route.hash } : {}
        fault = take({ kind, path: decodeURIComponent(pathname), ...hash })
        response = await (fault === undefined
          ? answer(request, route, origin)
          : answerBadly(request, route, origin, fault))
      }
    } catch (error) {
      response = refusalAnswer(error)
    }
    response.headers.set('x-request-id', crypto.randomUUID())
    response.headers.set('date', new Date(hub.clock.now()).toUTCString())
    // A refused preflight grants nothing, whatever the settings say.
    const hidden = response.status >= 400 && (kind === 'preflight' || !hub.settings.corsOnErrors)
    if (!hidden && fault?.do !== 'drop-cors') addCors(response.headers, request, origin)
    return follow(
      {
        at,
        origin,
        kind,
        method: request.method,
        path: pathname,
        range: request.headers.get('range'),
        status: response.status,
        authorization: request.headers.has('authorization'),
        received: Number(request.headers.get('content-length') ?? 0),
      },
      response,
    )
  }
}
