import type { HubContext } from '../HubContext.ts'
import { sealToken } from '../signing/sealToken.ts'

/**
 * A fresh CAS token with what a client has to know about it.
 *
 * @param hub what handlers use
 * @param request for the CAS's origin, and for what its caller carries
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
  const carry = hub.callers.get(request)?.carry
  const token = { scope, repo, exp, ...(carry !== undefined && { carry }) }
  const accessToken = sealToken(hub.secrets, token)
  return { accessToken, exp, casUrl: hub.hubOrigin(request) }
}
