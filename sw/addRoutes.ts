import type { SwParameters } from '../src/core/swParameters.ts'
import { staticRoutes } from './staticRoutes.ts'

interface Condition {
  readonly urlPattern?: URLPattern
  readonly requestMethod?: string
  readonly requestMode?: RequestMode
  readonly or?: readonly Condition[]
  readonly not?: Condition
}

/** Of some browsers only (Service Workers, section on InstallEvent.addRoutes). */
interface RoutingEvent extends ExtendableEvent {
  addRoutes?(rules: readonly { condition: Condition; source: 'network' }[]): Promise<void>
}

/**
 * Tells the browser which requests can never be ours, so that it does not start the service worker for them.
 * Where it cannot be told so, it starts the worker, which leaves them alone.
 *
 * @param event while the service worker is installed
 * @param scope absolute, as registered
 */
export async function addRoutes(
  event: RoutingEvent,
  parameters: SwParameters,
  scope: string,
): Promise<void> {
  const methods = [{ requestMethod: 'GET' }, { requestMethod: 'HEAD' }]
  try {
    const places = staticRoutes(parameters, scope)?.map((place) => ({
      urlPattern: new URLPattern({ ...place }),
    }))
    const visits = parameters.navigateFallback ? [{ requestMode: 'navigate' as const }] : []
    const elsewhere = places ? [{ not: { or: [...places, ...visits] } }] : []
    const never = [{ not: { or: methods } }, ...elsewhere]
    await event.addRoutes?.(never.map((condition) => ({ condition, source: 'network' })))
  } catch {
    // A browser that knows another language of conditions than this one.
  }
}
