// The gateway: one request passes the steps of `pipeline` from top to bottom.
// Own endpoints are in endpoints.ts; a gateway of a configuration is made in from-config.ts.

import { admit, type HeldSlot } from './admission.ts'
import { callService } from './call-service.ts'
import { queryWithoutToken } from './credentials.ts'
import { checkRollout, decide, type Rollout } from './decide.ts'
import {
  isPreflight,
  preflightAnswer,
  type ResponseFacts,
  setCommonHeaders,
  setResponseHeaders,
} from './headers.ts'
import { completeOptions, type GatewayOptions, type Settings } from './options.ts'
import {
  internalProblem,
  lostProblem,
  notFoundProblem,
  type Problem,
  problemAnswer,
  rejectionProblem,
} from './problems.ts'
import { type Load, openRecord, type RequestRecord } from './record.ts'
import { sendResponse } from './send-response.ts'
import { matchService, routeOf, serviceRequest } from './service.ts'

/** Stands before services: decides who is asking, queues, and passes admitted requests on. */
export interface Gateway {
  /**
   * Answers a request; never rejects, whatever the bytes of its headers, address and body are.
   *
   * @param request any
   * @param from `peer`: address of the socket, null when there is none
   * @example server.on('request', (request, socket) => gateway.fetch(request, { peer: socket.remoteAddress ?? null }))
   */
  fetch(request: Request, from: { readonly peer: string | null }): Promise<Response>
  /**
   * Changes how far the rules apply, for all requests from now on.
   *
   * @throws FerryError `configuration` when `percent` is not within 0 and 100
   */
  setRollout(rollout: Rollout): void
  /**
   * Changes everything at once, for all requests from now on; those under way keep what they began with.
   *
   * @throws FerryError `configuration`; nothing is changed then
   */
  use(options: GatewayOptions): void
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
  // Replaced whole: a request keeps the settings of its start, and never sees half of a change.
  const load: Load = { running: 0 }
  let settings = completeOptions(options, load)
  return {
    fetch: (request, { peer }) => pipeline(request, peer, settings),
    setRollout(rollout) {
      settings = { ...settings, rollout: checkRollout(rollout) }
    },
    use(next) {
      settings = completeOptions(next, load)
    },
  }
}

/**
 * All steps of a request, in order. Nothing is looked up, joined or cached before the decision, and the service is
 * called once or not at all.
 *
 * @param request any
 * @param peer address of the socket
 * @param settings that apply to this request until its end
 * @returns never rejects
 */
async function pipeline(
  request: Request,
  peer: string | null,
  settings: Settings,
): Promise<Response> {
  const arrivedAt = settings.clock.now()
  const requestId = crypto.randomUUID()
  const facts: { -readonly [Key in keyof ResponseFacts]: ResponseFacts[Key] } = {
    requestId,
    origin: request.headers.get('origin'),
    realm: settings.realm,
    reason: undefined,
    rateLimit: undefined,
    tokenInUrl: false,
    exposeHeaders: undefined,
  }
  let record: RequestRecord | undefined
  let slot: HeldSlot | undefined

  const refuse = (problem: Problem): Response => {
    record?.ended(problem.status)
    const response = problemAnswer(problem, requestId, request.method)
    setResponseHeaders(response.headers, problem.status, facts)
    return response
  }

  try {
    // Target
    const url = new URL(request.url)
    const service = matchService(settings.services, url.pathname)

    // CORS
    if (isPreflight(request)) return preflightAnswer(facts.origin, service?.allowHeaders)

    // Own endpoints
    facts.tokenInUrl = queryWithoutToken(url.search) !== url.search
    if (settings.own.has(url.pathname)) {
      const own = await settings.own.fetch(request, { peer, requestId })
      setCommonHeaders(own.headers, facts)
      return own
    }
    facts.exposeHeaders = service?.exposeHeaders
    if (service === undefined) return refuse(notFoundProblem)

    // Decide
    const route = routeOf(service, request)
    record = openRecord(settings, request, { requestId, service: service.name, route })
    const { decision, queued, shadow } = await decide(settings, service, request, { url, peer })
    record.decided(decision, shadow)
    facts.reason = decision.reason
    if (decision.kind === 'rejected') {
      return refuse(rejectionProblem(decision, settings.realm, settings.random()))
    }

    // Admit
    if (queued) {
      const admission = await admit(settings, service, request, { arrivedAt, decision, record })
      facts.rateLimit = admission.rateLimit
      if ('problem' in admission) return refuse(admission.problem)
      slot = admission.slot
    } else {
      record.started()
      slot = unqueuedSlot(request)
    }

    // Call the service
    const bare = serviceRequest(request, url, settings.publicUrl(request, peer))
    const context = {
      decision,
      requestId,
      peer,
      get carry() {
        return queued ? JSON.stringify(decision) : ''
      },
    }
    const result = await callService(service, bare, context, slot, settings)
    if ('problem' in result) {
      const lost = slot.signal.aborted && !request.signal.aborted
      return refuse(lost ? lostProblem : result.problem)
    }

    // Send the response; its last byte frees the slot and closes the record
    return sendResponse(result.response, request, facts, { settings, slot, record })
  } catch {
    slot?.release()
    return refuse(internalProblem)
  }
}

function unqueuedSlot(request: Request): HeldSlot {
  return {
    get signal() {
      return request.signal
    },
    release: () => undefined,
  }
}
