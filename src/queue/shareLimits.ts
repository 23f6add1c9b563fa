import type { StartRequest } from './StartRequest.ts'

/**
 * One instance's part of a rate: as many starts less per interval, and where that would be less than one, a longer
 * interval.
 *
 * @param instances among which the limit is divided, 1 or more
 */
export function shareLimits(request: StartRequest, instances: number): StartRequest {
  const perInterval = Math.max(1, Math.floor(request.perInterval / instances))
  const intervalMs = (request.intervalMs * perInterval * instances) / request.perInterval
  return { ...request, perInterval, intervalMs }
}
