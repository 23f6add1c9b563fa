import { HubRefusal } from '../answer/HubRefusal.ts'
import type { HubContext } from '../HubContext.ts'
import { openToken } from '../signing/openToken.ts'

/**
 * Lets only write tokens through.
 *
 * @param hub what handlers use
 * @param request its `Authorization` holds the CAS token
 * @throws HubRefusal 401 or 403
 */
export function requireWrite(hub: HubContext, request: Request): void {
  const token = openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
  if (token.scope !== 'write') {
    throw new HubRefusal(403, 'This CAS token is for reading. Ask the hub for a write token.')
  }
}
