import { FerryError } from '../core/FerryError.ts'
import { systemClock } from '../core/systemClock.ts'
import { checkRollout } from './checkRollout.ts'
import { createEndpoints } from './endpoints/createEndpoints.ts'
import type { GatewayOptions } from './GatewayOptions.ts'
import type { Load, Rules } from './Rules.ts'
import { sortServices } from './services/sortServices.ts'

const waitMs = 120_000

/**
 * Checks options, and puts in what was left out.
 *
 * @param load of the gateway, counted in place
 * @throws FerryError `configuration`, naming what is wrong
 */
export function completeOptions(options: GatewayOptions, load: Load): Rules {
  const { endpoints = {}, realm = 'modelferry', rollout = { mode: 'enforce' } } = options
  if (!/^[ !#-[\]-~]+$/.test(realm)) {
    throw new FerryError(
      'configuration',
      `The realm ${JSON.stringify(realm)} cannot stand in a header. Use ASCII without quotes and backslashes.`,
    )
  }
  const { headersMs = waitMs, idleMs = waitMs } = options
  for (const [name, value] of Object.entries({ headersMs, idleMs })) {
    if (value > 0) continue
    throw new FerryError('configuration', `${name} is ${value}. Give milliseconds, above 0.`)
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
    services: sortServices(options.services),
    rollout: checkRollout(rollout),
    own: createEndpoints(endpoints),
    load,
  }
}
