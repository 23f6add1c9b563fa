import { HubRefusal } from './refusals.ts'
import { repoKey } from './storage/repos.ts'
import type { Guard } from './context.ts'
import type { HubCaller, RepoId, AccessToken } from './hub.ts'

type Rights = Pick<AccessToken, 'read' | 'write'>

const everything: Rights = { write: ['*'] }

/**
 * Makes the guard of a hub.
 *
 * @param tokens who may do what; undefined: every token that begins with `hf_` may do everything
 * @param gated repositories whose files need a right
 * @param hidden repositories that do not exist without one
 * @param callers whose rights are known already; their requests' tokens are not looked at
 * @see Xet protocol, section on errors of resolve and token calls
 */
export function createGuard(
  tokens: readonly AccessToken[] | undefined,
  gated: Iterable<string>,
  hidden: Iterable<string>,
  callers: Pick<WeakMap<Request, HubCaller>, 'get'>,
): Guard {
  /** Undefined: anonymous. */
  const rightsOf = (request: Request): Rights | undefined => {
    const known = callers.get(request)?.rights
    if (known !== undefined) return known ?? undefined
    const header = request.headers.get('authorization')
    if (header === null) return undefined
    const token = /^Bearer (\S+)$/.exec(header)?.[1] ?? ''
    const rights =
      tokens === undefined
        ? token.startsWith('hf_') && everything
        : tokens.find((known) => known.token === token)
    if (!rights) throw invalidCredentials()
    return rights
  }

  const guard: Guard = {
    gated: new Set(gated),
    private: new Set(hidden),
    see(request, repo) {
      const rights = rightsOf(request)
      if (!guard.private.has(repoKey(repo)) || opens(rights, repo)) return
      if (rights === undefined) throw invalidCredentials()
      throw new HubRefusal(404, 'Repository not found', 'RepoNotFound')
    },
    read(request, repo) {
      guard.see(request, repo)
      const rights = rightsOf(request)
      if (!guard.gated.has(repoKey(repo)) || opens(rights, repo)) return
      throw rights === undefined
        ? new HubRefusal(
            401,
            `Access to model ${repo.name} is restricted. You must have access to it and be authenticated to access it. Please log in.`,
            'GatedRepo',
          )
        : new HubRefusal(
            403,
            `Access to model ${repo.name} is restricted and you are not in the authorized list.`,
            'GatedRepo',
          )
    },
    write(request, repo) {
      guard.see(request, repo)
      const rights = rightsOf(request)
      if (rights === undefined) throw invalidCredentials()
      if (!allows(rights.write, repo)) {
        throw new HubRefusal(403, `This token may not write to ${repoKey(repo)}.`)
      }
    },
    mayRead(request, repo) {
      try {
        guard.read(request, repo)
        return true
      } catch {
        return false
      }
    },
  }
  return guard
}

function allows(names: readonly string[] | undefined, repo: RepoId): boolean {
  return names?.some((name) => name === '*' || name === repoKey(repo)) ?? false
}

function opens(rights: Rights | undefined, repo: RepoId): boolean {
  return allows(rights?.read, repo) || allows(rights?.write, repo)
}

function invalidCredentials(): HubRefusal {
  return new HubRefusal(401, 'Invalid username or password.')
}
