// Makes the configured services: another server, or the embedded hub.

import type { CostConfig, ServiceConfig } from '../config/index.ts'
import { type Clock, FerryError, wildcard } from '../core/index.ts'
import type { Fetch } from '../net/index.ts'
import { proxyService } from './proxy.ts'
import type { Service } from './service.ts'

/** The dependencies of a service besides its configuration; see {@link GatewayParts}. */
export interface ServiceParts {
  readonly hub?: Omit<Service, 'name' | 'path'>
  readonly fetch?: Fetch
  readonly clock?: Clock
}

/**
 * Makes a configured service: another server, or the embedded hub.
 *
 * @throws FerryError `configuration`, naming the service, when there is no hub; for an unusable upstream
 */
export function serviceFromConfig(
  { name, path, upstream, credential, costs, cors, timeoutSeconds }: ServiceConfig,
  { hub, fetch, clock }: ServiceParts,
): Service {
  const headersMs = timeoutSeconds * 1000
  if (upstream !== undefined) {
    return proxyService({
      name,
      path,
      upstream,
      headersMs,
      ...cors,
      ...(costs.length > 0 && { cost: costOf(costs, () => 1) }),
      ...(credential && { credential }),
      ...(fetch && { fetch }),
      ...(clock && { clock }),
    })
  }
  if (hub === undefined) {
    throw new FerryError(
      'configuration',
      `Service "${name}" has no upstream, and there is no hub here. Give it an upstream.`,
    )
  }
  const own = (request: Request): number => hub.cost?.(request) ?? 1
  return {
    ...hub,
    ...cors,
    name,
    path,
    headersMs,
    cost: costs.length > 0 ? costOf(costs, own) : own,
  }
}

/**
 * The cost of a request to a service: that of the first matching entry.
 *
 * @param costs of the configuration
 * @param otherwise the service's own cost function
 */
export function costOf(
  costs: readonly CostConfig[],
  otherwise: (request: Request) => number,
): (request: Request) => number {
  const entries = costs.map((cost) => ({ ...cost, pattern: wildcard(cost.path) }))
  return (request) => {
    const { pathname } = new URL(request.url)
    const entry = entries.find(
      ({ method, pattern }) =>
        (method === undefined || method === request.method) && pattern.test(pathname),
    )
    return entry?.cost ?? otherwise(request)
  }
}
