import { internalProblem } from '../answer/internalProblem.ts'
import type { Problem } from '../answer/Problem.ts'
import { problemAnswer } from '../answer/problemAnswer.ts'
import { rejectionProblem } from '../answer/rejectionProblem.ts'
import { isPreflight } from '../cors/isPreflight.ts'
import { preflightAnswer } from '../cors/preflightAnswer.ts'
import { decide } from '../decide/decide.ts'
import { openRecord, type RequestRecord } from '../record/openRecord.ts'
import type { Rules } from '../Rules.ts'
import type { Service } from '../Service.ts'
import { matchService } from '../services/matchService.ts'
import { queryWithoutToken } from '../services/queryWithoutToken.ts'
import { requestFor } from '../services/requestFor.ts'
import { deliver } from './deliver.ts'
import { dress, type Dressing } from './dress.ts'
import { dressAny } from './dressAny.ts'
import { enter, type Place } from './enter.ts'
import { handle } from './handle.ts'
import { lostProblem } from './lostProblem.ts'
import { notFoundProblem } from './notFoundProblem.ts'

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
