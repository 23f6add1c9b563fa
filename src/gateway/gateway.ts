import { enter, type Place } from './admission.ts'
import { handle } from './call-service.ts'
import { queryWithoutToken, decide } from './decide.ts'
import { deliver } from './deliver.ts'
import { isPreflight, preflightAnswer, dress, dressAny, type Dressing } from './headers.ts'
import { checkRollout, completeOptions, type Rules, type Load } from './options.ts'
import {
  internalProblem,
  problemAnswer,
  rejectionProblem,
  lostProblem,
  notFoundProblem,
  type Problem,
} from './problems.ts'
import { openRecord, type RequestRecord } from './record.ts'
import type { Service, Gateway, GatewayOptions } from './types.ts'

/**
 * Whose a path is: the service with the longest path that it begins with, part by part.
 *
 * @param services longest path first, see {@link sortServices}
 * @param pathname of the request, as it came
 * @example matchService(services, '/text') // the one with the path '/text/'
 */
export function matchService(services: readonly Service[], pathname: string): Service | undefined {
  return services.find(
    ({ path }) =>
      pathname.startsWith(path) ||
      (pathname.length === path.length - 1 && path.startsWith(pathname)),
  )
}

const tokenHeader = 'x-pollinations-token'

/**
 * The request as a service may see it: without the credentials that are the gateway's own (query, and
 * `x-pollinations-token`), and under the address that the world knows. The same request when there is nothing to
 * change.
 *
 * @param request as it came
 * @param url of the request
 * @param publicUrl origin under which it was sent; undefined: the URL's own
 */
export function requestFor(request: Request, url: URL, publicUrl: string | undefined): Request {
  const search = queryWithoutToken(url.search)
  const origin = publicUrl ?? url.origin
  const bare = search === url.search
  if (bare && origin === url.origin && !request.headers.has(tokenHeader)) return request
  const headers = new Headers(request.headers)
  headers.delete(tokenHeader)
  const { method, signal } = request
  const bodyless = method === 'GET' || method === 'HEAD'
  // Made from its parts: servers hand over objects that only look like requests, which `new Request` does not take.
  return new Request(`${origin}${url.pathname}${search}`, {
    method,
    headers,
    signal,
    ...(!bodyless && request.body !== null && { body: request.body, duplex: 'half' }),
  })
}

/**
 * The way of a request, from its beginning to the last byte of its answer. Nothing is looked up, joined or cached
 * for anybody before the decision is made, and the service is called once or not at all.
 *
 * @param request any
 * @param peer address of the socket
 * @param rules that hold for this request to its end
 * @returns never rejects
 */
export async function answer(
  request: Request,
  peer: string | null,
  rules: Rules,
): Promise<Response> {
  const cameAt = rules.clock.now()
  const requestId = crypto.randomUUID()
  const dressing: { -readonly [Key in keyof Dressing]: Dressing[Key] } = {
    requestId,
    origin: request.headers.get('origin'),
    realm: rules.realm,
    reason: undefined,
    rateLimit: undefined,
    tokenInUrl: false,
    exposeHeaders: undefined,
  }
  let record: RequestRecord | undefined
  let place: Place | undefined

  const refuse = (problem: Problem): Response => {
    record?.ended(problem.status)
    const response = problemAnswer(problem, requestId, request.method)
    dress(response.headers, problem.status, dressing)
    return response
  }

  try {
    const url = new URL(request.url)
    const service = matchService(rules.services, url.pathname)
    if (isPreflight(request)) return preflightAnswer(dressing.origin, service?.allowHeaders)

    dressing.tokenInUrl = queryWithoutToken(url.search) !== url.search
    if (rules.own.has(url.pathname)) {
      const own = await rules.own.fetch(request, { peer, requestId })
      dressAny(own.headers, dressing)
      return own
    }
    dressing.exposeHeaders = service?.exposeHeaders
    if (service === undefined) return refuse(notFoundProblem)

    record = openRecord(rules, request, {
      requestId,
      service: service.name,
      route: routeOf(service, request),
    })
    const { decision, queued, shadow } = await decide(rules, service, request, { url, peer })
    record.decided(decision, shadow)
    dressing.reason = decision.reason
    if (decision.kind === 'rejected') {
      return refuse(rejectionProblem(decision, rules.realm, rules.random()))
    }

    if (queued) {
      const entered = await enter(rules, service, request, { cameAt, decision, record })
      dressing.rateLimit = entered.rateLimit
      if ('problem' in entered) return refuse(entered.problem)
      place = entered.place
    } else {
      record.started()
      place = {
        get signal() {
          return request.signal
        },
        release: () => undefined,
      }
    }

    const bare = requestFor(request, url, rules.publicUrl(request, peer))
    const context = {
      decision,
      requestId,
      peer,
      get carry() {
        return queued ? JSON.stringify(decision) : ''
      },
    }
    const handled = await handle(service, bare, context, place, rules)
    if ('response' in handled) {
      return deliver(handled.response, request, dressing, { rules, place, record })
    }
    const lost = place.signal.aborted && !request.signal.aborted
    return refuse(lost ? lostProblem : handled.problem)
  } catch {
    place?.release()
    return refuse(internalProblem)
  }
}

/** For the log only: a service that fails at it fails nobody's request. */
function routeOf(service: Service, request: Request): string {
  try {
    return service.route?.(request) ?? `${service.path}*`
  } catch {
    return `${service.path}*`
  }
}

/**
 * Puts authentication and a queue in front of services.
 *
 * @param options see {@link GatewayOptions}
 * @throws FerryError `configuration`, naming what is wrong
 * @example
 * const gateway = createGateway({ auth, queue, limits, services: [echo] })
 * const response = await gateway.fetch(new Request('https://gateway.example/echo/'), { peer: '203.0.113.7' })
 */
export function createGateway(options: GatewayOptions): Gateway {
  // Replaced whole: a request takes what is here when it comes, and never sees half of a change.
  const load: Load = { running: 0 }
  let rules = completeOptions(options, load)
  return {
    fetch: (request, { peer }) => answer(request, peer, rules),
    setRollout(rollout) {
      rules = { ...rules, rollout: checkRollout(rollout) }
    },
    use(next) {
      rules = completeOptions(next, load)
    },
  }
}
