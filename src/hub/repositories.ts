// Repositories as a whole: created, listed, described, moved and deleted, and their access settings.

import { ownRepo, readable, repository, visible, writable } from './access.ts'
import { readJson } from './body.ts'
import { longJsonAnswer } from './pacing.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, isTrue, readCount, REPO, TYPE, type HubEnv, type HubRequest } from './routing.ts'
import { pointerText } from './storage/objects.ts'
import { canonicalKey, readRepo, repoKey } from './storage/repo-names.ts'
import { createHash } from 'node:crypto'
import type { Commit, RepoAccess, Revision } from './context.ts'
import type { RepoId } from './hub.ts'
import type { Hono } from 'hono/tiny'

/** Serves the visible repositories to callers, and changes them for callers that may write. */
export function repositoryRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.post('/api/repos/create', as('create-repo'), createRepo)
  app.delete('/api/repos/delete', as('delete-repo'), deleteRepo)
  app.post('/api/repos/move', as('move-repo'), moveRepo)
  app.get(`/api/${TYPE}`, as('list-repos'), listRepos)
  app.put(`${of}/settings`, as('settings'), repository, writable, changeSettings)
  app.post(`${of}/duplicate`, as('create-repo'), repository, visible, readable, duplicateRepo)
}

/** Describes a repository; the last route of its kind, since it matches any name. */
export function repoInfoRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.get(`${of}/revision/:revision?`, as('revision'), repository, visible, repoInfo)
  app.get(of, as('revision'), repository, visible, repoInfo)
}

/** Members without effect here. Unknown ones are refused: a silently ignored one may have been meant to protect files. */
const ignored: ReadonlySet<string> = new Set(['sdk', 'lfsmultipartthresh', 'exist_ok'])

/** Creates an empty repository. A commit creates it too, so this call is optional. */
async function createRepo(c: HubRequest): Promise<Response> {
  const { hub, caller } = c.env
  const { name, organization, type, ...rest } = await readMembers(c)
  const access = { ...publicAccess, ...readAccess(rest) }
  const rights = hub.guard.rightsOf(c.req.raw, caller)
  const repo = await ownRepo(c, rights, readRepo(type, organization, name))
  hub.guard.write(rights, repo)
  const url = `${hub.hubOrigin(c.req.raw)}/${repoKey(repo)}`
  const sdk = repo.type === 'space' && typeof rest['sdk'] === 'string' ? rest['sdk'] : undefined
  // Before the repository exists, so that a private one is never public.
  const prepare = (): void => void hub.guard.kept.set(canonicalKey(repo), access)
  const made = await hub.repos.create(
    repo,
    { ...access, ...(sdk !== undefined && { sdk }) },
    prepare,
  )
  const { name: id } = repo
  if (made) return jsonAnswer({ url, id, name: id, private: access.private })
  return jsonAnswer({ error: 'You already created this repository.', url, id, name: id }, 409)
}

/**
 * Deletes a repository and all its commits. The guard keeps what held for its name: an upload that is under way may make
 * the repository again, and what was meant to be private must not be public then.
 */
async function deleteRepo(c: HubRequest): Promise<Response> {
  const { hub, caller } = c.env
  const { name, organization, type, ...rest } = await readMembers(c)
  const rights = hub.guard.rightsOf(c.req.raw, caller)
  const repo = await ownRepo(c, rights, readRepo(type, organization, name))
  hub.guard.write(rights, repo)
  refuseUnknown(rest)
  await hub.repos.remove(repo)
  await hub.visibility.forget(repoKey(repo))
  return jsonAnswer({})
}

/** Renames a repository: JSON `{ fromRepo, toRepo, type? }`. It stays private and gated. */
async function moveRepo(c: HubRequest): Promise<Response> {
  const { hub, caller } = c.env
  const { fromRepo, toRepo, type, ...rest } = await readMembers(c)
  const [from, to] = [fromRepo, toRepo].map((name) => readRepo(type, undefined, name)) as [
    RepoId,
    RepoId,
  ]
  const rights = hub.guard.rightsOf(c.req.raw, caller)
  hub.guard.write(rights, from)
  hub.guard.write(rights, to)
  refuseUnknown(rest)
  if (![from, to].every(({ name }) => name.includes('/'))) {
    throw new HubRefusal(400, 'fromRepo and toRepo must be owner/name.')
  }
  await hub.repos.move(from, to, hub.guard.accessOf(from), (access) => {
    hub.guard.kept.set(canonicalKey(to), access)
  })
  for (const repo of [from, to]) await hub.visibility.forget(repoKey(repo))
  return jsonAnswer({ url: `${hub.hubOrigin(c.req.raw)}/${repoKey(to)}` })
}

/**
 * Copies the files of a repository's branch main to a new repository, in one commit: JSON
 * `{ repository, visibility?, private?, gated? }`. Default: as private and gated as the source.
 */
async function duplicateRepo(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, rights, commit } = c.var
  const { repository: name, ...rest } = await readMembers(c)
  const target = await ownRepo(c, rights, readRepo(repo.type, undefined, name))
  hub.guard.write(rights, target)
  const access = { ...hub.guard.accessOf(repo), ...readAccess(rest) }
  const url = `${hub.hubOrigin(c.req.raw)}/${repoKey(target)}`
  const { sdk } = await hub.repos.describe(repo)
  const made = await hub.repos.create(
    target,
    { ...access, ...(sdk !== undefined && { sdk }) },
    () => {
      hub.guard.kept.set(canonicalKey(target), access)
    },
  )
  if (!made) return jsonAnswer({ error: 'You already created this repository.', url }, 409)
  const title = `Duplicate from ${repo.name}`
  const change = { title, branch: 'main', changes: commit.files, existing: true }
  await hub.repos.commit(target, change)
  hub.visibility.changed(repoKey(target), 'added')
  return jsonAnswer({ url, id: target.name, filesCopyPending: false })
}

/** Changes the access settings of a repository: JSON `{ private?, visibility?, gated? }`. */
async function changeSettings(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo } = c.var
  await hub.repos.setAccess(repo, readAccess(await readMembers(c)), (access) => {
    hub.guard.kept.set(canonicalKey(repo), access)
  })
  return jsonAnswer(hub.guard.accessOf(repo))
}

const publicAccess: RepoAccess = { private: false, gated: false }

/** A JSON object without its null members, which clients send for unset values. */
async function readMembers(c: HubRequest): Promise<Record<string, unknown>> {
  const body = await readJson(c.req.raw)
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

/** @throws HubRefusal 400 for an unknown member or value */
function readAccess(members: Readonly<Record<string, unknown>>): Partial<RepoAccess> {
  const { private: hidden, visibility, gated, ...rest } = members
  refuseUnknown(rest)
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

function refuseUnknown(members: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(members).find((name) => !ignored.has(name))
  if (unknown === undefined) return
  throw new HubRefusal(400, `This hub does not know the member ${unknown}. Leave it out.`)
}

const MOST_LISTED = 500
/** Supported list queries. Filters by properties that this hub does not have, such as tags, are refused. */
const listQueries: ReadonlySet<string> = new Set(
  'author search gated sort direction limit cursor full config cardData expand expand[]'.split(' '),
)

/** Lists repositories that the caller may see: `?author=me&search=vad&sort=lastModified&limit=10`. */
async function listRepos(c: HubRequest): Promise<Response> {
  const { hub, caller } = c.env
  const { guard } = hub
  const query = c.req.query()
  const unknown = Object.keys(query).find((name) => !listQueries.has(name))
  if (unknown !== undefined) {
    throw new HubRefusal(501, `This hub lists by author, search and gated, not by ${unknown}.`)
  }
  const rights = guard.rightsOf(c.req.raw, caller)
  const { author = '', search = '', gated, sort = '' } = query
  const [owner, text] = [author.toLowerCase(), search.toLowerCase()]
  const wanted = (await hub.repos.list()).filter((repo) => {
    const name = repo.name.toLowerCase()
    const fits =
      `${repo.type}s` === c.req.param('type') &&
      (owner === '' || name.startsWith(`${owner}/`)) &&
      name.includes(text)
    if (!fits || !guard.maySee(rights, repo)) return false
    return gated === undefined || isTrue(gated) === (guard.accessOf(repo).gated !== false)
  })
  wanted.sort((a, b) => (a.name < b.name ? -1 : 1))
  const by = sort === 'createdAt' || sort === 'lastModified' ? sort : undefined
  const listed = by === undefined ? wanted : await sorted(c, wanted, by)
  const begin = Math.min(readCount(query['cursor']), listed.length)
  const end = begin + (Math.min(readCount(query['limit']), MOST_LISTED) || MOST_LISTED)
  const siblings = isTrue(query['full']) || expanded(c)?.includes('siblings') === true
  const next = new URL(c.req.url)
  next.searchParams.set('cursor', String(end))
  const link = `<${hub.hubOrigin(c.req.raw)}${next.pathname}${next.search}>; rel="next"`
  return longJsonAnswer(describe(), listed.length > end ? { link } : {})

  async function* describe(): AsyncGenerator<object, void> {
    for (const repo of listed.slice(begin, end)) {
      // One that is deleted meanwhile is left out.
      const info = await describeRepo(c, repo).catch(() => undefined)
      if (info === undefined) continue
      const { commit: _, ...members } = info
      // A damaged one has none: the others are listed nevertheless.
      const newest = siblings
        ? await hub.repos.find(repo, 'main').catch(() => undefined)
        : undefined
      yield { ...members, ...(newest && { siblings: siblingsOf(newest, false, false) }) }
    }
  }
}

async function sorted(
  c: HubRequest,
  repos: readonly RepoId[],
  by: 'createdAt' | 'lastModified',
): Promise<RepoId[]> {
  const dated: { repo: RepoId; date: string }[] = []
  for (const repo of repos) {
    const info = await describeRepo(c, repo).catch(() => undefined)
    if (info !== undefined) dated.push({ repo, date: info[by] })
  }
  const sign = c.req.query('direction') === '1' ? 1 : -1
  return dated.toSorted((a, b) => sign * (a.date < b.date ? -1 : 1)).map(({ repo }) => repo)
}

async function repoInfo(c: HubRequest): Promise<Response> {
  const { guard } = c.env.hub
  const { repo, commit, rights } = c.var
  const { commit: _, ...info } = await describeRepo(c, repo, commit)
  const only = expanded(c)
  if (only !== undefined && !only.includes('siblings')) return jsonAnswer(info)
  const files = siblingsOf(commit, isTrue(c.req.query('blobs')), !guard.mayRead(rights, repo))
  return longJsonAnswer({ ...info, siblings: files })
}

/** The requested fields of a repository besides its name; undefined: the default. */
function expanded(c: HubRequest): string[] | undefined {
  return c.req.queries('expand') ?? c.req.queries('expand[]')
}

interface Description extends Readonly<Record<string, unknown>> {
  readonly commit: Commit | undefined
  readonly createdAt: string
  readonly lastModified: string
}

/**
 * A repository as clients know it, and the commit that is described. The hub counts no downloads and no likes.
 *
 * @param at a revision; default: the newest of main
 */
async function describeRepo(c: HubRequest, repo: RepoId, at?: Commit): Promise<Description> {
  const { guard, repos } = c.env.hub
  const { id, created, sdk, newest } = await repos.describe(repo)
  const commit = at ?? newest
  return {
    commit,
    _id: createHash('sha1')
      .update(`${repoKey(id)} ${created}`)
      .digest('hex')
      .slice(0, 24),
    id: id.name,
    ...(id.type === 'model' && { modelId: id.name }),
    ...(id.name.includes('/') && { author: id.name.split('/')[0] }),
    ...(sdk !== undefined && { sdk }),
    ...(commit && { sha: commit.oid }),
    createdAt: created,
    lastModified: commit?.date ?? created,
    ...guard.accessOf(repo),
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
  }
}

function* siblingsOf(
  { files }: Revision,
  blobs: boolean,
  masked: boolean,
): Generator<object, void> {
  for (const [rfilename, { oid, size, sha256 }] of files) {
    if (!blobs) yield { rfilename }
    else if (sha256 === undefined) yield { rfilename, blobId: oid, size }
    else {
      const pointerSize = pointerText(sha256, size).length
      const lfs = { sha256: masked ? '****' : sha256, size, pointerSize }
      yield { rfilename, blobId: oid, size, lfs }
    }
  }
}
