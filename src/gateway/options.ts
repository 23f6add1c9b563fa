import { FerryError, systemClock } from '../core/index.ts'
import { createEndpoints, type OwnAnswers } from './endpoints.ts'
import type { GatewayOptions, Rollout, Service } from './types.ts'

/** Options of a gateway, checked and complete: what a request is under from its beginning to its end. */
export interface Rules
  extends
    Omit<Required<GatewayOptions>, 'log' | 'endpoints' | 'rollout'>,
    Pick<GatewayOptions, 'log'> {
  readonly rollout: Required<Omit<Rollout, 'previous'>> & Pick<Rollout, 'previous'>
  readonly own: OwnAnswers
  /** Of the whole gateway, whatever its rules are. */
  readonly load: Load
}

/** What is under way. */
export interface Load {
  /** Requests that hold a slot of the queue. */
  running: number
}

/**
 * Completes a rollout.
 *
 * @throws FerryError `configuration` for a mode that does not exist, and a percentage that is none
 */
export function checkRollout(rollout: Rollout): Rules['rollout'] {
  const { mode, percent = 100, previous } = rollout
  if (!['enforce', 'shadow', 'off'].includes(mode)) {
    throw new FerryError(
      'configuration',
      `"${mode}" is no mode of a rollout. Use enforce, shadow or off.`,
    )
  }
  if (!(percent >= 0 && percent <= 100)) {
    throw new FerryError(
      'configuration',
      `A rollout cannot be for ${percent} percent. Use 0 to 100.`,
    )
  }
  return { mode, percent, ...(previous && { previous }) }
}

/**
 * Checks services, and puts the one with the longest path first.
 *
 * @throws FerryError `configuration` for a path that does not begin and end with a slash, or is another one's too
 */
export function sortServices(services: readonly Service[]): readonly Service[] {
  const names = new Map<string, string>()
  for (const { name, path } of services) {
    if (!path.startsWith('/') || !path.endsWith('/')) {
      throw wrong(`The path of service "${name}" is "${path}". Begin and end it with a slash.`)
    }
    const other = names.get(path)
    if (other !== undefined) {
      throw wrong(`Services "${other}" and "${name}" both have the path "${path}". Change one.`)
    }
    names.set(path, name)
  }
  return services.toSorted((one, other) => other.path.length - one.path.length)
}

function wrong(message: string): FerryError {
  return new FerryError('configuration', message)
}

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
