import type { CostConfig } from '../../config/ServiceConfig.ts'
import { wildcard } from '../../core/wildcard.ts'

/**
 * What requests of a service count for: the first entry that fits says it.
 *
 * @param costs of the configuration
 * @param otherwise what the service itself says
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
