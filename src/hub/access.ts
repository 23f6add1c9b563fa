// Access control: the rights of a request's credential, as a guard over repositories, and the middleware that applies
// it.

import { HubRefusal, storageRefusal } from './refusals.ts'
import { checkUrl } from './signing.ts'
import { repoNotFound, revisionNotFound } from './storage/history.ts'
import {
  canonicalKey,
  checkPath,
  checkRepoName,
  checkRevision,
  isOwner,
  repoKey,
  RepoSet,
} from './storage/repo-names.ts'
import { createHash, randomBytes } from 'node:crypto'
import type { Guard, Rights } from './context.ts'
import type { HubEnv, HubRequest } from './routing.ts'
import type { AccessToken, RepoId } from './hub.ts'
import type { MiddlewareHandler } from 'hono'

const everything: Rights = { write: ['*'] }
const types: Readonly<Record<string, RepoId['type']>> = {
  models: 'model',
  datasets: 'dataset',
  spaces: 'space',
}

/**
 * Reads the repository, revision and file path of a route, and the rights of the request's credential.
 *
 * @throws HubRefusal 400 or 404 for a name that cannot exist, 401 for an unknown credential
 */
export const repository: MiddlewareHandler<HubEnv> = async (c, next) => {
  const type = types[c.req.param('type') ?? 'models']!
  const named = { type, name: checkRepoName(c.req.param('repo')!) }
  c.set('revision', checkRevision(c.req.param('revision') ?? 'main'))
  const path = c.req.param('path') ?? ''
  c.set('path', path === '' ? '' : checkPath(path))
  c.set('rights', c.env.hub.guard.rightsOf(c.req.raw, c.env.caller))
  const meant = await ownRepo(c, c.var.rights, named)
  c.set('repo', meant !== named && (await c.env.hub.repos.exists(meant)) ? meant : named)
  await next()
}

/**
 * The name of the caller's account: the subject of its token, when a front tells it and it can be an owner, else one for all
 * tokens.
 */
export function accountOf({ env }: HubRequest): string {
  const subject = env.caller?.subject
  return subject !== undefined && isOwner(subject) ? subject : 'token-holder'
}

/**
 * The repository that a token holder means by a name without an owner: as on the real hub that of its own account. It is the
 * one without an owner if that exists, or if the operator or the rights of the token name it.
 */
export async function ownRepo(
  c: HubRequest,
  rights: Rights | undefined,
  repo: RepoId,
): Promise<RepoId> {
  if (repo.name.includes('/') || rights === undefined) return repo
  const { guard, repos } = c.env.hub
  const { private: hidden, gated } = guard.accessOf(repo)
  const named = [...(rights.read ?? []), ...(rights.write ?? [])].filter((name) => name !== '*')
  if (hidden || gated !== false || allows(named, repo) || (await repos.exists(repo))) return repo
  return { ...repo, name: `${accountOf(c)}/${repo.name}` }
}

/**
 * Admits callers that may see the repository, if it exists.
 *
 * @throws HubRefusal 401 or 404, as the hub refuses absent and private repositories
 */
export const existing: MiddlewareHandler<HubEnv> = async (c, next) => {
  await seeExisting(c)
  await next()
}

/**
 * Like {@link existing}, and finds the revision of the route.
 *
 * @throws HubRefusal 401 or 404, as the hub refuses absent and private repositories, and revisions
 */
export const visible: MiddlewareHandler<HubEnv> = async (c, next) => {
  await seeExisting(c)
  const { repo, revision } = c.var
  const commit = await c.env.hub.repos.find(repo, revision)
  if (commit === undefined) throw revisionNotFound(revision)
  c.set('commit', commit)
  await next()
}

async function seeExisting(c: HubRequest): Promise<void> {
  const { hub } = c.env
  const { repo, rights } = c.var
  hub.guard.see(rights, repo)
  // By the rights, as in `see`: a header that gives none must not tell absent repositories from private ones.
  if (!(await hub.repos.exists(repo)))
    throw rights === undefined ? invalidCredentials() : repoNotFound()
}

/** Admits callers that may read the repository's files. */
export const readable: MiddlewareHandler<HubEnv> = async (c, next) => {
  c.env.hub.guard.read(c.var.rights, c.var.repo)
  await next()
}

/** Admits callers that may change the repository. */
export const writable: MiddlewareHandler<HubEnv> = async (c, next) => {
  c.env.hub.guard.write(c.var.rights, c.var.repo)
  await next()
}

/** Reads the `hash` of a route. */
export const hashed: MiddlewareHandler<HubEnv> = async (c, next) => {
  if (!/^[0-9a-f]{64}$/.test(c.req.param('hash')!)) {
    throw new HubRefusal(400, 'A hash must be 64 lower-case hex digits.')
  }
  await next()
}

/** Admits presigned URLs until their deadline, and reads their ranges. */
export const presigned: MiddlewareHandler<HubEnv> = async (c, next) => {
  const { hub } = c.env
  const { url, method } = c.req.raw
  const checked = checkUrl(hub.secrets, new URL(url), method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  c.set('ranges', checked.ranges)
  return await next()
}

/** Refuses GET where only HEAD is defined. */
export const headOnly: MiddlewareHandler<HubEnv> = async (c, next) => {
  if (c.req.raw.method !== 'HEAD') {
    throw new HubRefusal(405, 'Use HEAD here.', undefined, { allow: 'HEAD' })
  }
  await next()
}

/**
 * Makes the guard of a hub.
 *
 * @param tokens from `digestTokens`; undefined: every token that begins with `hf_` may do everything
 * @param gated repositories whose files need a right
 * @param hidden repositories that do not exist without one
 * @see Xet protocol, section on errors of resolve and token calls
 */
export function createGuard(
  tokens: ReadonlyMap<string, Rights> | undefined,
  gated: Iterable<string>,
  hidden: Iterable<string>,
): Guard {
  const holders =
    tokens && new Map([...tokens].map(([key, rights]) => [key.slice(0, HOLDER_LENGTH), rights]))
  const guard: Guard = {
    gated: new RepoSet(gated),
    private: new RepoSet(hidden),
    kept: new Map(),
    accessOf(repo) {
      const key = repoKey(repo)
      const kept = guard.kept.get(canonicalKey(repo))
      return {
        private: guard.private.has(key) || kept?.private === true,
        gated: (kept?.gated ?? false) || (guard.gated.has(key) && 'auto'),
      }
    },
    rightsOf(request, caller) {
      const header = request.headers.get('authorization')
      if (caller?.rights !== undefined) return caller.rights ?? undefined
      // Behind a front, a token that the front does not know is unknown here too.
      if (caller !== undefined && header !== null) throw invalidCredentials()
      if (header === null) return undefined
      const token = /^Bearer (\S+)$/.exec(header)?.[1] ?? ''
      const rights =
        tokens === undefined ? token.startsWith('hf_') && everything : tokens.get(digest(header))
      if (!rights) throw invalidCredentials()
      return rights
    },
    holderOf(request, caller) {
      const subject = caller?.subject ?? request.headers.get('authorization')
      return subject === null ? undefined : digest(subject).slice(0, HOLDER_LENGTH)
    },
    rightsOfHolder(holder) {
      if (holder === undefined) return undefined
      return holders === undefined ? everything : holders.get(holder)
    },
    see(rights, repo) {
      if (guard.maySee(rights, repo)) return
      throw rights === undefined ? invalidCredentials() : repoNotFound()
    },
    read(rights, repo) {
      guard.see(rights, repo)
      if (guard.accessOf(repo).gated === false || opens(rights, repo)) return
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
    write(rights, repo) {
      // Equal for private, public and absent repositories, so that it does not tell which exist.
      if (rights === undefined) throw invalidCredentials()
      if (!allows(rights.write, repo)) {
        throw new HubRefusal(403, `This token may not write to ${repoKey(repo)}.`)
      }
    },
    maySee: (rights, repo) => !guard.accessOf(repo).private || opens(rights, repo),
    mayRead: (rights, repo) => succeeds(() => guard.read(rights, repo)),
    mayWrite: (rights, repo) => succeeds(() => guard.write(rights, repo)),
  }
  return guard
}

const HOLDER_LENGTH = 32

function succeeds(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** Rights by the SHA-256 of a token's `Authorization`: the tokens themselves are not stored. */
export function digestTokens(tokens: readonly AccessToken[]): ReadonlyMap<string, Rights> {
  return new Map(
    tokens.map(({ token, read, write }) => [
      digest(`Bearer ${token}`),
      { ...(read && { read: [...read] }), ...(write && { write: [...write] }) },
    ]),
  )
}

/** A token that cannot be guessed. Clients of the hub expect tokens to begin with `hf_`. */
export function randomToken(): string {
  return `hf_${randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x')}`
}

/** SHA-256 of a secret, as hex. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Both keys include the type. No repository can be named `*`, so `owner/*` equals only the pattern of that owner. */
function allows(names: readonly string[] | undefined, repo: RepoId): boolean {
  const [owner, name] = repo.name.split('/')
  const keys = [canonicalKey(repo)]
  if (name !== undefined) keys.push(canonicalKey({ ...repo, name: `${owner}/*` }))
  return names?.some((named) => named === '*' || keys.includes(canonicalKey(named))) ?? false
}

/** Whether rights besides those of everyone admit a reader. */
export function opens(rights: Rights | undefined, repo: RepoId): boolean {
  return allows(rights?.read, repo) || allows(rights?.write, repo)
}

function invalidCredentials(): HubRefusal {
  return new HubRefusal(401, 'Invalid username or password.')
}
