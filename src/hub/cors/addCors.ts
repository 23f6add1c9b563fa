import type { HubOrigin } from '../HubOrigin.ts'
import { exposedHeaders } from './exposedHeaders.ts'

/**
 * Adds the CORS headers of an answer: the hub echoes the page's origin, storage is open to all.
 *
 * @param headers changed in place
 * @param request its `Origin`; none, no CORS
 * @param origin where the request arrived
 */
export function addCors(headers: Headers, request: Request, origin: HubOrigin): void {
  if (origin === 'storage') {
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', '*')
    return
  }
  headers.append('vary', 'Origin, Accept')
  const page = request.headers.get('origin')
  if (page === null) return
  headers.set('access-control-allow-origin', page)
  headers.set('access-control-expose-headers', exposedHeaders)
}
