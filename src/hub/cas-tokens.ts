// CAS tokens: given to callers with rights on a repository, and admitted while what they were given for still holds.

import { opens } from './access.ts'
import { HubRefusal } from './refusals.ts'
import { openToken, sealToken } from './signing.ts'
import { parseRepoKey, repoKey } from './storage/repo-names.ts'
import type { HubContext, Rights } from './context.ts'
import type { HubEnv, HubRequest } from './environment.ts'
import type { CasToken } from './signing.ts'
import type { MiddlewareHandler } from 'hono'

/**
 * A new CAS token with its metadata for clients.
 *
 * @param c whose repository the token is for; its rights were checked
 * @param scope of the token
 */
export async function sealFor(
  c: HubRequest,
  scope: 'read' | 'write',
): Promise<{ accessToken: string; exp: number; casUrl: string }> {
  const { hub, caller } = c.env
  const { repo, rights } = c.var
  const exp = Math.ceil((hub.clock.now() + hub.settings.tokenLifetimeMs) / 1000)
  const carry = caller?.carry
  const uploader = hub.guard.holderOf(c.req.raw, caller)
  const generation = await hub.repos.generation(repo)
  const given = caller === undefined ? 'token' : 'front'
  const token: CasToken = {
    scope,
    repo: repoKey(repo),
    by: scope === 'write' || opens(rights, repo) ? given : 'public',
    exp,
    ...(generation !== undefined && { generation }),
    ...(uploader !== undefined && { uploader }),
    ...(carry !== undefined && { carry }),
  }
  return { accessToken: sealToken(hub.secrets, token), exp, casUrl: hub.hubOrigin(c.req.raw) }
}

/**
 * Admits requests with a CAS token.
 *
 * @param scope `write`: tokens for reading are refused
 */
export function casToken(scope: 'read' | 'write'): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const { hub } = c.env
    const token = openToken(hub.secrets, c.req.raw.headers.get('authorization'), hub.clock.now())
    if (scope === 'write' && token.scope !== 'write') {
      throw new HubRefusal(403, 'This CAS token is for reading. Ask the hub for a write token.')
    }
    if (!(await holds(hub, token))) {
      throw new HubRefusal(
        401,
        'What this CAS token was given for has changed since. Ask the hub for a new one.',
      )
    }
    c.set('token', token)
    await next()
  }
}

/**
 * Whether the guard would still give a token: the repository may have become private, or another one of the same name
 * may have taken its place.
 */
async function holds({ guard, repos }: HubContext, token: CasToken): Promise<boolean> {
  const repo = parseRepoKey(token.repo)
  // A token for writing may be older than its repository, which the commit after the uploads creates.
  const early = token.scope === 'write' && token.generation === undefined
  if (!early && (await repos.generation(repo)) !== token.generation) return false
  const rights = rightsOf(guard, token)
  return token.scope === 'write' ? guard.mayWrite(rights, repo) : guard.mayRead(rights, repo)
}

function rightsOf(guard: HubContext['guard'], token: CasToken): Rights | undefined {
  if (token.by === 'token') return guard.rightsOfHolder(token.uploader)
  // A front knows the rights of its callers at requests with their own credential only.
  return token.by === 'front' ? { [token.scope]: [token.repo] } : undefined
}
