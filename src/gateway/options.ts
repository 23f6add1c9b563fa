// The options of a gateway, checked and completed once. Each request uses one such object from start to end.

import type { Auth, Tier } from '../auth/index.ts'
import { type Clock, FerryError, systemClock } from '../core/index.ts'
import type { Log } from '../log/index.ts'
import type { KeyLimits, Queue } from '../queue/index.ts'
import { type BodyLimits, defaultBodyLimits } from './body.ts'
import { checkRollout, type CheckedRollout, type Rollout } from './decide.ts'
import { createEndpoints, type Endpoints, type OwnEndpoints } from './endpoints.ts'
import type { Load, Observer } from './record.ts'
import { type Service, sortServices } from './service.ts'

/** Options of a gateway. */
export interface GatewayOptions {
  /** Authenticates callers. */
  readonly auth: Auth
  /** Queues their requests. */
  readonly queue: Queue
  /** The limits of each tier. */
  readonly limits: Readonly<Record<Tier, KeyLimits>>
  /** In any order: the longest matching path counts. */
  readonly services: readonly Service[]
  /** Realm of challenges; without quotes and backslashes. Default: `modelferry`. */
  readonly realm?: string
  /** Default: the rules apply to all requests. */
  readonly rollout?: Rollout
  /** Endpoints of the gateway itself, before any service. Default: none. */
  readonly endpoints?: Endpoints
  /** Default: nothing is written. */
  readonly log?: Log
  /** Observers of every decision, queue step and end: counters, usage, scaling. */
  readonly observers?: readonly Observer[]
  /**
   * The public origin of a request, as reported by a trusted proxy; services see it in the request's URL. Default:
   * the request's own.
   */
  readonly publicUrl?: (request: Request, peer: string | null) => string | undefined
  /** Milliseconds until a service must begin its response; then 504. Default: 120 000. */
  readonly headersMs?: number
  /** Milliseconds without progress of a body before it is aborted. Default: 120 000. */
  readonly idleMs?: number
  /** Limits of request bodies; omitted ones are as in {@link defaultBodyLimits}. */
  readonly body?: Partial<BodyLimits>
  readonly clock?: Clock
  /** 0 up to 1, for the jitter of retry delays. Default: `Math.random`. */
  readonly random?: () => number
}

/** Options of a gateway, checked and complete, for the whole duration of a request. */
export interface Settings
  extends
    Omit<Required<GatewayOptions>, 'log' | 'endpoints' | 'rollout' | 'body'>,
    Pick<GatewayOptions, 'log'> {
  readonly rollout: CheckedRollout
  readonly own: OwnEndpoints
  readonly body: BodyLimits
  /** Load of the whole gateway, independent of its rules. */
  readonly load: Load
}

const waitMs = 120_000

/**
 * Checks options, and adds defaults.
 *
 * @param load of the gateway, counted in place
 * @throws FerryError `configuration`, naming the wrong option
 */
export function completeOptions(options: GatewayOptions, load: Load): Settings {
  const { endpoints = {}, realm = 'modelferry', rollout = { mode: 'enforce' } } = options
  if (!/^[ !#-[\]-~]+$/.test(realm)) {
    throw new FerryError(
      'configuration',
      `The realm ${JSON.stringify(realm)} is not allowed in a header. Use ASCII without quotes and backslashes.`,
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
