import type { Auth, Decision, Tier } from '../auth/index.ts'
import type { Clock } from '../core/index.ts'
import type { Log } from '../log/index.ts'
import type { KeyLimits, Queue, RefusalWhy } from '../queue/index.ts'

/** Stands before services: decides who asks, makes them wait, and hands on who is let in. */
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
   * Changes how far the rules count, for all requests from now on.
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

/** What a gateway is made of. */
export interface GatewayOptions {
  /** Decides who asks. */
  readonly auth: Auth
  /** Makes them wait. */
  readonly queue: Queue
  /** How each tier waits. */
  readonly limits: Readonly<Record<Tier, KeyLimits>>
  readonly services: readonly Service[]
  /** Named in challenges; without quotes and backslashes. Default: `modelferry`. */
  readonly realm?: string
  /** Default: the rules count for everybody. */
  readonly rollout?: Rollout
  /** What the gateway answers itself, before any service. Default: nothing. */
  readonly endpoints?: Endpoints
  /** Default: nothing is written. */
  readonly log?: Log
  /** Told of every decision, queue step and end: counters, usage, scaling. */
  readonly observers?: readonly Observer[]
  /**
   * Origin under which the world sent a request, as a trusted proxy says; services see it in the request's URL.
   * Default: the request's own.
   */
  readonly publicUrl?: (request: Request, peer: string | null) => string | undefined
  /** Milliseconds that a service may take to begin its answer; then 504. Default: 120 000. */
  readonly headersMs?: number
  /** Milliseconds in which nothing of a body moves before it is given up. Default: 120 000. */
  readonly idleMs?: number
  readonly clock?: Clock
  /** 0 up to 1, for times to come back at. Default: `Math.random`. */
  readonly random?: () => number
}

/** How far the rules of a gateway count yet, so that new ones can be tried, and taken back without a restart. */
export interface Rollout {
  /**
   * `enforce`: the rules count. `shadow`: the previous ones count, and a second `auth.decision` line, its `kind` with
   * `shadow:` before it, says what these would have decided. `off`: these are not asked at all.
   */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Of the queue keys, how many hundredths the mode is for; the others have the previous rules. Default: 100. */
  readonly percent?: number
  /** Default: everybody is let through as anonymous, without a queue. */
  readonly previous?: Auth
}

/**
 * Something that stands behind the gateway.
 *
 * @example
 * const echo: Service = { name: 'echo', path: '/echo/', handle: async (request) => new Response(request.body) }
 */
export interface Service {
  /** Names it in logs. */
  readonly name: string
  /** Begins and ends with a slash; of several that fit, the longest has the request. */
  readonly path: string
  /**
   * Answers. Called once for a request that was let in, and never for another one. Whatever it throws or rejects
   * with, and whatever it gives that is no `Response`, becomes a 500 that says nothing about it.
   *
   * @param request without credentials in query and `x-pollinations-token`; its `Authorization` is as it came
   * @param context who asks, and when to stop
   */
  handle(request: Request, context: ServiceContext): Promise<Response>
  /** Starts that a request counts for; 0: only concurrency counts. Default: 1. */
  cost?(request: Request): number
  /** What stands in the log for the path: a pattern, of which there are few. Default: the service's path and `*`. */
  route?(request: Request): string
  /**
   * Whether an address carries its own proof, as presigned URLs do. Such a request needs no token, waits in no
   * queue, and has its credentials ignored. Default: none does.
   */
  open?(request: Request): boolean
  /**
   * What {@link ServiceContext.carry} was for the request at which the service gave out the token that this one
   * brings. The decision of then holds. To be given only for a token whose genuineness the service has checked.
   *
   * @returns undefined without such a token
   */
  carried?(request: Request): string | undefined
  /** Milliseconds until the answer's headers. Default: {@link GatewayOptions.headersMs}. */
  readonly headersMs?: number
  /** Request headers that pages may send besides the gateway's own, lower-case. */
  readonly allowHeaders?: readonly string[]
  /** Answer headers that pages may read besides the gateway's own and those that the answer itself exposes. */
  readonly exposeHeaders?: readonly string[]
}

/** What travels with a request that was let in. */
export interface ServiceContext {
  /** Made once, for this request. */
  readonly decision: Decision
  /** Also the answer's `x-request-id`. */
  readonly requestId: string
  /** Address of the socket; null: there is none. */
  readonly peer: string | null
  /** Aborted when the client is gone, the slot is lost, or it took too long. */
  readonly signal: AbortSignal
  /** The decision as text, to be sealed into tokens that the service gives out; comes back by `carried`. */
  readonly carry: string
}

/** How a request ended. */
export interface Completion {
  readonly decision: Decision
  readonly service: string
  readonly status: number
  /** Milliseconds in the queue; null: it never left it. */
  readonly waitMs: number | null
  /** Milliseconds from its start to its end; null: it never started. */
  readonly runMs: number | null
  /** Requests that held a slot of the queue when it got its own, itself among them; null: it never had one. */
  readonly inFlight: number | null
  /** `overload`: the service had too much to do, or took too long. */
  readonly outcome: 'ok' | 'client-error' | 'server-error' | 'overload' | 'cancelled'
}

/** Told of what happens to requests for services. Must not throw; what it throws is dropped. */
export interface Observer {
  decided?(decision: Decision): void
  /** @param waitMs milliseconds in the queue */
  started?(waitMs: number): void
  refused?(why: RefusalWhy): void
  /** Once for every request that has a decision, when the last byte of its answer has left or never will. */
  ended?(completion: Completion): void
}

/** Addresses that the gateway answers itself. Those that are left out do not exist. */
export interface Endpoints {
  /** What `GET /.well-known/modelferry-policy` tells everybody. */
  readonly policy?: () => object
  /** What `GET /metrics` tells those who may read it; the text format of Prometheus. */
  readonly metrics?: {
    readonly render: () => string
    /** What `GET /usage` tells the same people: who used how much today. */
    readonly usage?: () => object
    /** Default: {@link mayReadMetrics} without tokens. */
    readonly mayRead?: (request: Request, peer: string | null) => boolean
  }
  /** Further ones by their path; they see who is asking to themselves, and wait in no queue. */
  readonly more?: Readonly<Record<string, (request: Request) => Promise<Response>>>
}
