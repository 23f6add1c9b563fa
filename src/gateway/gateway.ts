// The gateway: each request passes the steps of `pipeline` from top to bottom.
// Own endpoints are in endpoints.ts; a gateway is built from a configuration in from-config.ts.

import { admit, type HeldSlot } from './admission.ts'
import { BodyReader, bodyProblems, guardRate } from './body.ts'
import { callService } from './call-service.ts'
import {
  queryWithoutToken,
  parseTarget,
  matchService,
  routeOf,
  serviceRequest,
  withUrl,
} from './service.ts'
import { checkRollout, decide, type Rollout } from './decide.ts'
import {
  allowsOrigin,
  isPreflight,
  preflightAnswer,
  type ResponseFacts,
  setCommonHeaders,
  setResponseHeaders,
} from './headers.ts'
import { completeOptions, type GatewayOptions, type Settings } from './options.ts'
import {
  encodedSlashProblem,
  goneProblem,
  internalProblem,
  lostProblem,
  methodProblem,
  methods,
  notFoundProblem,
  type Problem,
  problemAnswer,
  rejectionProblem,
  targetProblem,
} from './problems.ts'
import { type Load, openRecord, type RequestRecord } from './record.ts'
import { sendResponse } from './send-response.ts'

/** A gateway in front of services: authenticates callers, queues, and passes admitted requests on. */
export interface Gateway {
  /**
   * Answers a request; never rejects, for any bytes in its headers, URL and body.
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
   * Replaces all options at once, for all later requests; running ones keep theirs.
   *
   * @throws FerryError `configuration`; the options are then unchanged
   */
  use(options: GatewayOptions): void
  /** Answers requests with a body that has not arrived yet with 503. The queue is closed separately. */
  close(): void
}

/**
 * Puts authentication and a queue in front of services.
 *
 * @param options see {@link GatewayOptions}
 * @throws FerryError `configuration`, naming the wrong option
 * @example
 * const gateway = createGateway({ auth, queue, limits, services: [echo] })
 * const response = await gateway.fetch(new Request('https://gateway.example/echo/'), { peer: '203.0.113.7' })
 */
export function createGateway(options: GatewayOptions): Gateway {
  // Replaced as a whole: a request keeps the settings of its start, and never sees a partial change.
  const load: Load = { running: 0 }
  let settings = completeOptions(options, load)
  const bodies = new BodyReader(settings.body, settings.clock)
  return {
    fetch: (request, { peer }) => pipeline(request, peer, settings, bodies),
    setRollout(rollout) {
      settings = { ...settings, rollout: checkRollout(rollout) }
    },
    use(next) {
      settings = completeOptions(next, load)
      bodies.limits = settings.body
    },
    close: () => bodies.close(),
  }
}

/**
 * All steps of a request, in order. No lookup, single flight or cache comes before the decision, and the service is
 * called at most once.
 *
 * @param arrived any
 * @param peer address of the socket
 * @param settings that apply to this request until its end
 * @param bodies reads bodies before a slot is taken
 * @returns never rejects
 */
async function pipeline(
  arrived: Request,
  peer: string | null,
  settings: Settings,
  bodies: BodyReader,
): Promise<Response> {
  let request = arrived
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
  let releaseBody: (() => void) | undefined

  const refuse = (problem: Problem): Response => {
    record?.ended(problem.status)
    const response = problemAnswer(problem, requestId, request.method)
    setResponseHeaders(response.headers, problem.status, facts)
    return response
  }

  try {
    // Target
    if (!methods.has(request.method)) return refuse(methodProblem)
    const target = parseTarget(request.url)
    if (target === null) return refuse(targetProblem)
    const { url } = target
    request = withUrl(request, url)
    const service = matchService(settings.services, url.pathname)

    // CORS
    if (isPreflight(request)) return preflightAnswer(request.headers, service)
    if (!allowsOrigin(service, facts.origin)) facts.origin = null

    // Own endpoints
    facts.tokenInUrl = queryWithoutToken(url.search) !== url.search
    if (settings.own.has(url.pathname)) {
      const own = await settings.own.fetch(request, { peer, requestId })
      setCommonHeaders(own.headers, facts)
      return own
    }
    facts.exposeHeaders = service?.exposeHeaders
    if (service === undefined) return refuse(notFoundProblem)
    if (target.encodedSlash && service.encodedSlash !== true) return refuse(encodedSlashProblem)

    // Decide
    const route = routeOf(service, request)
    record = openRecord(settings, request, { requestId, service: service.name, route })
    const ruling = await decide(settings, service, request, { url, peer })
    const { decision, credential, queued } = ruling
    record.decided(decision, ruling.shadow)
    facts.reason = decision.reason
    if (decision.kind === 'rejected') {
      return refuse(rejectionProblem(decision, settings.realm, settings.random()))
    }

    const unqueued = service.unqueued?.(request) === true

    // Body
    let body: BodyInit | undefined
    const isBodyless = request.method === 'GET' || request.method === 'HEAD'
    if (!isBodyless && request.body !== null) {
      if (ruling.open || unqueued || service.streams?.(request) === true) {
        body = guardRate(request.body, settings.body, settings.clock)
      } else {
        const { concurrency, maxWaiting } = settings.limits[decision.tier ?? 'anonymous']
        const received = await bodies.read(request.body, {
          key: decision.queueKey ?? decision.network,
          most: queued ? concurrency + maxWaiting : Infinity,
          token: credential.tokenAuth,
          signal: request.signal,
        })
        if (typeof received === 'string') return refuse(bodyProblems[received])
        body = received.body
        releaseBody = () => received.release()
      }
    }

    // Admit
    if (queued && !unqueued) {
      const admission = await admit(settings, service, request, { arrivedAt, decision, record })
      facts.rateLimit = admission.rateLimit
      if ('problem' in admission) return refuse(admission.problem)
      slot = admission.slot
    } else {
      record.started()
      slot = unqueuedSlot(request)
    }

    // Call the service
    const bare = serviceRequest(request, settings.publicUrl(request, peer), body)
    const context = {
      decision,
      credential,
      requestId,
      peer,
      failed: (error: unknown) => record?.failed(error),
      get carry() {
        if (!queued && !credential.tokenAuth) return ''
        // Without scopes: with thousands of them, the sealed token would not fit into a header.
        return JSON.stringify({ ...(queued ? decision : credential), scope: [] })
      },
    }
    const result = await callService(service, bare, context, slot, settings)
    if ('problem' in result) {
      const lost = result.problem === goneProblem && !request.signal.aborted
      return refuse(lost ? lostProblem : result.problem)
    }

    // Send the response; its last byte frees the slot and closes the record
    return sendResponse(result.response, request, facts, { settings, slot, record })
  } catch (error) {
    slot?.release()
    record?.failed(error)
    return refuse(internalProblem)
  } finally {
    releaseBody?.()
  }
}

function unqueuedSlot(request: Request): HeldSlot {
  return {
    get signal() {
      return request.signal
    },
    release: () => undefined,
    abort: () => undefined,
  }
}
