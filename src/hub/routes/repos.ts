import { readJson } from '../body.ts'
import { HubRefusal, jsonAnswer, entryNotFound } from '../refusals.ts'
import { sealToken } from '../signing.ts'
import { pointerText } from '../storage/objects.ts'
import { checkRepoName, repoKey, entryAt } from '../storage/repos.ts'
import { createHash } from 'node:crypto'
import type { HubContext, Commit, FileEntry } from '../context.ts'
import type { RepoId } from '../hub.ts'

/**
 * Makes an empty repository. Not needed before a commit, which makes it as well.
 *
 * @param hub what handlers use
 * @param request JSON `{ name, organization?, type?, private? }`
 */
export async function createRepo(hub: HubContext, request: Request): Promise<Response> {
  const { name, organization, type = 'model', private: hidden } = await readJson(request)
  if (type !== 'model' && type !== 'dataset' && type !== 'space') {
    throw new HubRefusal(400, 'type must be model, dataset or space.')
  }
  if (hidden === true) {
    // Kept nowhere, it would come back public after a restart.
    throw new HubRefusal(400, 'Name private repositories in the options of the hub instead.')
  }
  const full = typeof organization === 'string' ? `${organization}/${String(name)}` : String(name)
  const repo: RepoId = { type, name: checkRepoName(full) }
  hub.guard.write(request, repo)
  const url = `${hub.hubOrigin(request)}/${repoKey(repo)}`
  if (await hub.repos.exists(repo)) {
    throw new HubRefusal(409, 'You already created this repository.')
  }
  await hub.repos.create(repo)
  return jsonAnswer({ url, id: repo.name })
}

/**
 * The commit a request is about.
 *
 * @param hub what handlers use
 * @param request whose rights were checked already
 * @param repo its repository
 * @param revision branch or 40-hex id
 * @throws HubRefusal 401 or 404, as the hub refuses absent repositories and revisions
 */
export async function findCommit(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
): Promise<Commit> {
  if (!(await hub.repos.exists(repo))) {
    throw request.headers.has('authorization')
      ? new HubRefusal(404, 'Repository not found', 'RepoNotFound')
      : new HubRefusal(401, 'Invalid username or password.')
  }
  const commit = await hub.repos.find(repo, revision)
  if (commit === undefined) {
    throw new HubRefusal(404, `Invalid rev id: ${revision}`, 'RevisionNotFound')
  }
  return commit
}

/**
 * Describes a repository at a revision.
 *
 * @param hub what handlers use
 * @param request whose rights count
 * @param repo which repository
 * @param revision branch or 40-hex id
 */
export async function repoInfo(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
): Promise<Response> {
  hub.guard.see(request, repo)
  const commit = await findCommit(hub, request, repo, revision)
  const key = repoKey(repo)
  return jsonAnswer({
    id: repo.name,
    ...(repo.type === 'model' && { modelId: repo.name }),
    sha: commit.oid,
    lastModified: commit.date,
    private: hub.guard.private.has(key),
    gated: hub.guard.gated.has(key) ? 'auto' : false,
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
    siblings: Object.keys(commit.files).map((rfilename) => ({ rfilename })),
  })
}

const MASK = '****'

/**
 * A file as listings show it.
 *
 * @param path of the file
 * @param entry the file
 * @param masked whether to hide what it is called by content, as for a gated repository
 */
export function pathInfo(path: string, entry: FileEntry, masked: boolean): object {
  const { oid, size, sha256, xetHash } = entry
  return {
    type: 'file',
    oid,
    size,
    path,
    ...(sha256 !== undefined && {
      lfs: {
        oid: masked ? MASK : sha256,
        size,
        pointerSize: pointerText(sha256, size).length,
      },
    }),
    ...(xetHash !== undefined && { xetHash: masked ? MASK : xetHash }),
  }
}

/**
 * Lists a folder of a revision, or with `?recursive=true` everything below it.
 *
 * @param hub what handlers use
 * @param request its query
 * @param at which folder; empty path: the root
 */
export async function listTree(
  hub: HubContext,
  request: Request,
  at: { readonly repo: RepoId; readonly revision: string; readonly path: string },
): Promise<Response> {
  hub.guard.see(request, at.repo)
  const commit = await findCommit(hub, request, at.repo, at.revision)
  const masked = !hub.guard.mayRead(request, at.repo)
  const recursive = /^(true|1)$/i.test(new URL(request.url).searchParams.get('recursive') ?? '')
  const base = at.path === '' ? '' : `${at.path}/`
  const listed = new Map<string, object>()
  for (const [path, entry] of Object.entries(commit.files)) {
    if (!path.startsWith(base)) continue
    const parts = path.slice(base.length).split('/')
    const depth = recursive ? parts.length : 1
    for (let count = 1; count < parts.length && count <= depth; count++) {
      const folder = base + parts.slice(0, count).join('/')
      listed.set(folder, folderInfo(folder, commit.oid))
    }
    if (parts.length <= depth) listed.set(path, pathInfo(path, entry, masked))
  }
  if (listed.size === 0 && base !== '') throw entryNotFound(at.path, commit.oid)
  const sorted = [...listed].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return jsonAnswer(
    sorted.map(([, info]) => info),
    200,
    { 'x-repo-commit': commit.oid },
  )
}

function folderInfo(path: string, commit: string): object {
  const oid = createHash('sha1').update(`${commit} ${path}`).digest('hex')
  return { type: 'directory', oid, size: 0, path }
}

/**
 * Describes those of some paths that a revision holds.
 *
 * @param hub what handlers use
 * @param request JSON `{ paths: [...] }`
 * @param repo which repository
 * @param revision branch or 40-hex id
 */
export async function pathsInfo(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
): Promise<Response> {
  hub.guard.see(request, repo)
  const commit = await findCommit(hub, request, repo, revision)
  const { paths } = await readJson(request)
  if (!Array.isArray(paths)) throw new HubRefusal(400, 'paths must be a list.')
  const masked = !hub.guard.mayRead(request, repo)
  return jsonAnswer(
    paths.flatMap((path: unknown) => {
      const entry = entryAt(commit, String(path))
      return entry === undefined ? [] : pathInfo(String(path), entry, masked)
    }),
  )
}

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

/**
 * Gives a CAS token for a repository, to whoever may read its files, or write them.
 *
 * @param hub what handlers use
 * @param request whose rights count
 * @param repo what the token is for
 * @param revision must exist for reading
 * @param scope of the token
 */
export async function giveToken(
  hub: HubContext,
  request: Request,
  repo: RepoId,
  revision: string,
  scope: 'read' | 'write',
): Promise<Response> {
  if (new URL(request.url).searchParams.get('create_pr') === '1') {
    throw new HubRefusal(400, 'This hub has no pull requests. Write to a branch instead.')
  }
  if (scope === 'write') hub.guard.write(request, repo)
  else {
    hub.guard.see(request, repo)
    await findCommit(hub, request, repo, revision)
    hub.guard.read(request, repo)
  }
  const { accessToken, exp, casUrl } = sealFor(hub, request, repoKey(repo), scope)
  return jsonAnswer({ accessToken, exp, casUrl }, 200, {
    'x-xet-access-token': accessToken,
    'x-xet-token-expiration': String(exp),
    'x-xet-cas-url': casUrl,
  })
}
