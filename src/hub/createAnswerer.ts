import { sleep } from '../core/sleep.ts'
import { HubRefusal } from './answer/HubRefusal.ts'
import { refusalAnswer } from './answer/refusalAnswer.ts'
import { addCors } from './cors/addCors.ts'
import { preflightAnswer } from './cors/preflightAnswer.ts'
import type { FaultAction } from './faults/FaultAction.ts'
import type { FaultTaker } from './faults/FaultTaker.ts'
import { failOnPurpose } from './faults/failOnPurpose.ts'
import { spoilBody } from './faults/spoilBody.ts'
import type { HubContext } from './HubContext.ts'
import type { HubOrigin } from './HubOrigin.ts'
import type { LogFollower } from './log/LogFollower.ts'
import { dispatch } from './routes/dispatch.ts'
import { parseRoute } from './routes/parseRoute.ts'
import type { RequestKind } from './routes/RequestKind.ts'
import type { Route } from './routes/Route.ts'

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
