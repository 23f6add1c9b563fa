import type { HubContext } from '../HubContext.ts'
import { sealToken } from '../signing/sealToken.ts'

/**
 * A fresh CAS token with what a client has to know about it.
 *
 * @param hub what handlers use
 * @param request for the CAS's origin
 * @param repo as `repoKey` writes it
 * @param scope of the token
 */
export function sealFor(
  hub: HubContext,
  request: Request,
  repo: string,
  scope: 'read' | 'write',
): { accessToken: string; exp: number; casUrl: string } {
  const exp = Math.ceil((hub.clock.now() + hub.settings.tokenLifetimeMs) / 1000)
  const accessToken = sealToken(hub.secrets, { scope, repo, exp })
  return { accessToken, exp, casUrl: hub.hubOrigin(request) }
}
