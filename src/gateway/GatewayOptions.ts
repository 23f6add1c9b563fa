import type { Auth } from '../auth/Auth.ts'
import type { Tier } from '../auth/Tier.ts'
import type { Clock } from '../core/Clock.ts'
import type { Log } from '../log/Log.ts'
import type { KeyLimits } from '../queue/KeyLimits.ts'
import type { Queue } from '../queue/Queue.ts'
import type { Endpoints } from './endpoints/Endpoints.ts'
import type { Observer } from './record/Observer.ts'
import type { Rollout } from './Rollout.ts'
import type { Service } from './Service.ts'

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
