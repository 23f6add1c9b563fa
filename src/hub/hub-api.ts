// The Hub API: repositories, their revisions and listings, and CAS tokens for them.

import { readable, repository, visible, writable } from './access.ts'
import { MOST_PARSED, readBody, readJson } from './body.ts'
import { jsonListStream } from './pacing.ts'
import { HubRefusal, jsonAnswer, entryNotFound } from './refusals.ts'
import { as, REPO, TYPE } from './routing.ts'
import { sealToken } from './signing.ts'
import { pointerText } from './storage/objects.ts'
import { canonicalKey, checkRepoName, repoKey, entryAt } from './storage/repos.ts'
import { createHash } from 'node:crypto'
import type { FileEntry, RepoAccess } from './context.ts'
import type { HubEnv, HubRequest } from './environment.ts'
import type { RepoId } from './hub.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hono } from 'hono/tiny'

/** Serves metadata to callers that may see a repository, and tokens to those that may read or write its files. */
export function hubApiRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.post('/api/repos/create', as('create-repo'), createRepo)
  app.get(`${of}/tree/:revision/:path{.+}`, as('tree'), repository, visible, listTree)
  app.get(`${of}/tree/:revision?`, as('tree'), repository, visible, listTree)
  app.post(`${of}/paths-info/:revision?`, as('paths-info'), repository, visible, pathsInfo)
  app.get(
    `${of}/xet-read-token/:revision?`,
    as('token'),
    onlyBranches,
    repository,
    visible,
    readable,
    (c) => giveToken(c, 'read'),
  )
  app.get(
    `${of}/xet-write-token/:revision?`,
    as('token'),
    onlyBranches,
    repository,
    writable,
    (c) => giveToken(c, 'write'),
  )
  app.put(`${of}/settings`, as('settings'), repository, writable, changeSettings)
  for (const path of ['discussions', 'collections', 'papers', 'search', 'quicksearch', 'jobs']) {
    app.all(`/api/${path}`, as('absent'), refuseAbsent)
    app.all(`/api/${path}/:rest{.+}`, as('absent'), refuseAbsent)
  }
  for (const verb of ['discussions', 'secrets', 'variables', 'runtime', 'hardware', 'sleeptime']) {
    app.all(`${of}/${verb}`, as('absent'), refuseAbsent)
    app.all(`${of}/${verb}/:rest{.+}`, as('absent'), refuseAbsent)
  }
  app.get(`${of}/revision/:revision?`, as('revision'), repository, visible, repoInfo)
  app.get(of, as('revision'), repository, visible, repoInfo)
}

/** Members that change nothing here. All others are refused: a dropped one may have been meant to protect files. */
const ignored: ReadonlySet<string> = new Set(['sdk', 'lfsmultipartthresh', 'exist_ok'])

/** Makes an empty repository. Not needed before a commit, which makes it as well. */
async function createRepo(c: HubRequest): Promise<Response> {
  const { hub, caller } = c.env
  const { name, organization, type, ...rest } = await readMembers(c)
  const kind = type ?? 'model'
  if (kind !== 'model' && kind !== 'dataset' && kind !== 'space') {
    throw new HubRefusal(400, 'type must be model, dataset or space.')
  }
  const access = { ...publicAccess, ...readAccess(rest) }
  if (typeof name !== 'string') throw new HubRefusal(400, 'name must be a text.')
  const full = typeof organization === 'string' ? `${organization}/${name}` : name
  const repo: RepoId = { type: kind, name: checkRepoName(full) }
  hub.guard.write(hub.guard.rightsOf(c.req.raw, caller), repo)
  const url = `${hub.hubOrigin(c.req.raw)}/${repoKey(repo)}`
  if (await hub.repos.exists(repo)) {
    const error = 'You already created this repository.'
    return jsonAnswer({ error, url, id: repo.name, name: repo.name }, 409)
  }
  // Before the repository exists, so that at no time a private one is public.
  hub.guard.kept.set(canonicalKey(repo), access)
  await hub.repos.create(repo, access)
  return jsonAnswer({ url, id: repo.name, name: repo.name, private: access.private })
}

/** Changes who may see a repository and read its files: JSON `{ private?, visibility?, gated? }`. */
async function changeSettings(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo } = c.var
  const change = readAccess(await readMembers(c))
  if (!(await hub.repos.exists(repo))) {
    throw new HubRefusal(404, 'Repository not found', 'RepoNotFound')
  }
  const access = { ...(await hub.repos.access(repo)), ...change }
  await hub.repos.setAccess(repo, access)
  hub.guard.kept.set(canonicalKey(repo), access)
  return jsonAnswer(hub.guard.accessOf(repo))
}

const publicAccess: RepoAccess = { private: false, gated: false }

/** A JSON object without members that are null, which clients send for what they leave open. */
async function readMembers(c: HubRequest): Promise<Record<string, unknown>> {
  const body = await readJson(c.req.raw)
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

/** @throws HubRefusal 400 for a member that is unknown, or whose value is */
function readAccess(members: Readonly<Record<string, unknown>>): Partial<RepoAccess> {
  const { private: hidden, visibility, gated, ...rest } = members
  const unknown = Object.keys(rest).find((name) => !ignored.has(name))
  if (unknown !== undefined) {
    throw new HubRefusal(400, `This hub does not know the member ${unknown}. Leave it out.`)
  }
  if (hidden !== undefined && typeof hidden !== 'boolean') {
    throw new HubRefusal(400, 'private must be true or false.')
  }
  if (visibility !== undefined && visibility !== 'public' && visibility !== 'private') {
    throw new HubRefusal(400, 'visibility must be public or private.')
  }
  const named = visibility === undefined ? undefined : visibility === 'private'
  if (hidden !== undefined && named !== undefined && hidden !== named) {
    throw new HubRefusal(400, 'private and visibility contradict each other.')
  }
  if (gated !== undefined && gated !== false && gated !== 'auto' && gated !== 'manual') {
    throw new HubRefusal(400, 'gated must be false, auto or manual.')
  }
  const isPrivate = hidden ?? named
  return {
    ...(isPrivate !== undefined && { private: isPrivate }),
    ...(gated !== undefined && { gated }),
  }
}

function repoInfo(c: HubRequest): Response {
  const { repo, commit } = c.var
  const { guard } = c.env.hub
  const access = guard.accessOf(repo)
  const masked = !guard.mayRead(c.var.rights, repo)
  const blobs = /^(true|1)$/i.test(c.req.query('blobs') ?? '')
  return jsonAnswer({
    id: repo.name,
    ...(repo.type === 'model' && { modelId: repo.name }),
    sha: commit.oid,
    lastModified: commit.date,
    ...access,
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
    siblings: Object.entries(commit.files).map(([rfilename, { oid, size, sha256 }]) =>
      blobs
        ? {
            rfilename,
            blobId: oid,
            size,
            ...(sha256 !== undefined && { lfs: { sha256: masked ? MASK : sha256, size } }),
          }
        : { rfilename },
    ),
  })
}

const refuseAbsent: MiddlewareHandler<HubEnv> = () => {
  throw new HubRefusal(
    501,
    'This hub holds files only: no discussions, collections, papers, search, jobs or running spaces.',
  )
}

const MASK = '****'

/**
 * A file as listings show it.
 *
 * @param path of the file
 * @param entry the file
 * @param masked whether to hide what it is called by content, as for a gated repository
 */
function pathInfo(path: string, entry: FileEntry, masked: boolean): object {
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

/** Lists a folder of a revision, or with `?recursive=true` everything below it. */
function listTree(c: HubRequest): Response {
  const { repo, commit, rights, path: folder } = c.var
  const masked = !c.env.hub.guard.mayRead(rights, repo)
  const recursive = /^(true|1)$/i.test(c.req.query('recursive') ?? '')
  const base = folder === '' ? '' : `${folder}/`
  const listed = new Map<string, object>()
  for (const [path, entry] of Object.entries(commit.files)) {
    if (!path.startsWith(base)) continue
    const parts = path.slice(base.length).split('/')
    const depth = recursive ? parts.length : 1
    for (let count = 1; count < parts.length && count <= depth; count++) {
      const parent = base + parts.slice(0, count).join('/')
      listed.set(parent, folderInfo(parent, commit.oid))
    }
    if (parts.length <= depth) listed.set(path, pathInfo(path, entry, masked))
  }
  if (listed.size === 0 && base !== '') throw entryNotFound(folder, commit.oid)
  const sorted = [...listed].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return listAnswer(
    sorted.map(([, info]) => info),
    { 'x-repo-commit': commit.oid },
  )
}

/** Streamed, because a repository may have a hundred thousand files. */
function listAnswer(
  items: Iterable<unknown>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(jsonListStream(items), {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  })
}

function folderInfo(path: string, commit: string): object {
  const oid = createHash('sha1').update(`${commit} ${path}`).digest('hex')
  return { type: 'directory', oid, size: 0, path }
}

/** Describes those of some paths that a revision holds: JSON `{ paths: [...] }`. */
async function pathsInfo(c: HubRequest): Promise<Response> {
  const { repo, commit, rights } = c.var
  const paths = await readPaths(c.req.raw)
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) {
    throw new HubRefusal(400, 'paths must be a list of texts.')
  }
  const masked = !c.env.hub.guard.mayRead(rights, repo)
  // Each path once: a list of repeats would make the answer many times as long as the request.
  const asked = new Set(paths)
  return listAnswer(describe())

  function* describe(): Generator<object, void> {
    for (const path of asked) {
      const entry = entryAt(commit, path)
      if (entry !== undefined) yield pathInfo(path, entry, masked)
    }
  }
}

/** The Python client sends a form, the others JSON. */
async function readPaths(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded'))
    return (await readJson(request))['paths']
  const text = new TextDecoder().decode(await readBody(request, MOST_PARSED))
  return new URLSearchParams(text).getAll('paths')
}

/**
 * A fresh CAS token with what a client has to know about it.
 *
 * @param c whose repository the token is for
 * @param scope of the token
 */
export function sealFor(
  c: HubRequest,
  scope: 'read' | 'write',
): { accessToken: string; exp: number; casUrl: string } {
  const { hub, caller } = c.env
  const exp = Math.ceil((hub.clock.now() + hub.settings.tokenLifetimeMs) / 1000)
  const carry = caller?.carry
  const repo = repoKey(c.var.repo)
  const token = { scope, repo, exp, ...(carry !== undefined && { carry }) }
  return { accessToken: sealToken(hub.secrets, token), exp, casUrl: hub.hubOrigin(c.req.raw) }
}

const onlyBranches: MiddlewareHandler<HubEnv> = async (c, next) => {
  if (c.req.query('create_pr') === '1') {
    throw new HubRefusal(400, 'This hub has no pull requests. Write to a branch instead.')
  }
  await next()
}

function giveToken(c: HubRequest, scope: 'read' | 'write'): Response {
  const { accessToken, exp, casUrl } = sealFor(c, scope)
  return jsonAnswer({ accessToken, exp, casUrl }, 200, {
    'x-xet-access-token': accessToken,
    'x-xet-token-expiration': String(exp),
    'x-xet-cas-url': casUrl,
  })
}
