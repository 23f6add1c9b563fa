// What a gateway is made of, checked and completed once: every request runs under one such object from start to end.

import type { Auth, Tier } from '../auth/index.ts'
import { type Clock, FerryError, systemClock } from '../core/index.ts'
import type { Log } from '../log/index.ts'
import type { KeyLimits, Queue } from '../queue/index.ts'
import { type BodyLimits, defaultBodyLimits } from './body.ts'
import { checkRollout, type CheckedRollout, type Rollout } from './decide.ts'
import { createEndpoints, type Endpoints, type OwnEndpoints } from './endpoints.ts'
import type { Load, Observer } from './record.ts'
import { type Service, sortServices } from './service.ts'

/** What a gateway is made of. */
export interface GatewayOptions {
  /** Authenticates callers. */
  readonly auth: Auth
  /** Makes them wait. */
  readonly queue: Queue
  /** How each tier waits. */
  readonly limits: Readonly<Record<Tier, KeyLimits>>
  readonly services: readonly Service[]
  /** Named in challenges; without quotes and backslashes. Default: `modelferry`. */
  readonly realm?: string
  /** Default: the rules apply to all requests. */
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
  /** How request bodies have to arrive; what is left out is as in {@link defaultBodyLimits}. */
  readonly body?: Partial<BodyLimits>
  readonly clock?: Clock
  /** 0 up to 1, for times to come back at. Default: `Math.random`. */
  readonly random?: () => number
}

/** Options of a gateway, checked and complete: what a request is under from its beginning to its end. */
export interface Settings
  extends
    Omit<Required<GatewayOptions>, 'log' | 'endpoints' | 'rollout' | 'body'>,
    Pick<GatewayOptions, 'log'> {
  readonly rollout: CheckedRollout
  readonly own: OwnEndpoints
  readonly body: BodyLimits
  /** Of the whole gateway, whatever its rules are. */
  readonly load: Load
}

const waitMs = 120_000

/**
 * Checks options, and puts in what was left out.
 *
 * @param load of the gateway, counted in place
 * @throws FerryError `configuration`, naming what is wrong
 */
export function completeOptions(options: GatewayOptions, load: Load): Settings {
  const { endpoints = {}, realm = 'modelferry', rollout = { mode: 'enforce' } } = options
  if (!/^[ !#-[\]-~]+$/.test(realm)) {
    throw new FerryError(
      'configuration',
      `The realm ${JSON.stringify(realm)} cannot stand in a header. Use ASCII without quotes and backslashes.`,
    )
  }
  const { headersMs = waitMs, idleMs = waitMs } = options
  const body = { ...defaultBodyLimits, ...options.body }
  const bounds = Object.entries(body).map(([name, value]) => [`body.${name}`, value] as const)
  for (const [name, value] of [...Object.entries({ headersMs, idleMs }), ...bounds]) {
    if (value > 0) continue
    throw new FerryError('configuration', `${name} is ${value}. Give a number above 0.`)
  }
  return {
    observers: [],
    publicUrl: () => undefined,
    clock: systemClock,
    random: Math.random,
    ...options,
    realm,
    headersMs,
    idleMs,
    body,
    services: sortServices(options.services),
    rollout: checkRollout(rollout),
    own: createEndpoints(endpoints),
    load,
  }
}
