import type { ServiceConfig } from '../../config/ServiceConfig.ts'
import { FerryError } from '../../core/FerryError.ts'
import { proxyService } from '../proxy/proxyService.ts'
import type { Service } from '../Service.ts'
import { costOf } from './costOf.ts'
import type { GatewayParts } from './GatewayParts.ts'

/**
 * Makes a configured service: one of a server elsewhere, or the embedded hub.
 *
 * @throws FerryError `configuration`, naming the service, when there is no hub; for an unusable upstream
 */
export function serviceFromConfig(
  { name, path, upstream, credential, costs, timeoutSeconds }: ServiceConfig,
  { hub, fetch, clock }: Pick<GatewayParts, 'hub' | 'fetch' | 'clock'>,
): Service {
  const headersMs = timeoutSeconds * 1000
  if (upstream !== undefined) {
    return proxyService({
      name,
      path,
      upstream,
      headersMs,
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
  return { ...hub, name, path, headersMs, cost: costs.length > 0 ? costOf(costs, own) : own }
}
