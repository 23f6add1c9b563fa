// References of a repository: branches, tags and pull requests, the commits that they reach, and the large files of
// all commits.

import { existing, readable, repository, visible, writable } from './access.ts'
import { readJson } from './body.ts'
import { checkDescription, checkSummary } from './commits.ts'
import { longJsonAnswer, pacer } from './pacing.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, isTrue, readCount, REPO, TYPE, type HubEnv, type HubRequest } from './routing.ts'
import { checkRefName, checkRevision, repoKey } from './storage/repo-names.ts'
import type { Commit } from './context.ts'
import type { Hono } from 'hono/tiny'

const MOST_COMMITS = 1000
const COMMITS = 50
/** Escaped text is up to five times as long. */
const MOST_FORMATTED = 20

/** Serves references to callers that may see the repository, and changes them for callers that may write. */
export function refRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  const change = [repository, writable, existing] as const
  app.get(`${of}/refs`, as('refs'), repository, existing, listRefs)
  app.post(`${of}/branch/:ref`, as('refs'), ...change, createBranch)
  app.delete(`${of}/branch/:ref`, as('refs'), ...change, deleteBranch)
  app.post(`${of}/tag/:ref`, as('refs'), ...change, createTag)
  app.delete(`${of}/tag/:ref`, as('refs'), ...change, deleteTag)
  app.post(`${of}/super-squash/:ref`, as('refs'), ...change, squashHistory)
  app.get(`${of}/commits/:revision`, as('commits'), repository, visible, listCommits)
  app.get(`${of}/lfs-files`, as('lfs-files'), repository, existing, readable, listLargeFiles)
}

/** Pull requests only with `?include_prs=1`. */
async function listRefs(c: HubRequest): Promise<Response> {
  const { branches, tags } = await c.env.hub.repos.refs(c.var.repo)
  const own = branches.filter(([name]) => !name.startsWith('refs/'))
  const under = (prefix: string): object[] =>
    branches
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, oid]) => describeRef(name, oid))
  return jsonAnswer({
    branches: own.map(([name, oid]) => describeRef(`refs/heads/${name}`, oid)),
    tags: tags.map(([name, oid]) => describeRef(`refs/tags/${name}`, oid)),
    converts: under('refs/convert/'),
    ...(isTrue(c.req.query('include_prs')) && { pullRequests: under('refs/pr/') }),
  })
}

function describeRef(ref: string, targetCommit: string): object {
  return { name: ref.replace(/^refs\/(?:heads|tags|pr|convert)\//, ''), ref, targetCommit }
}

/** JSON `{ startingPoint?, emptyBranch?, overwrite? }`; default: it begins at main. */
async function createBranch(c: HubRequest): Promise<Response> {
  const { startingPoint, emptyBranch, overwrite } = await readJson(c.req.raw)
  const name = checkRefName(c.req.param('ref')!)
  const target = emptyBranch === true ? null : readRevision(startingPoint)
  await c.env.hub.repos.createRef(c.var.repo, 'branches', name, {
    ...(target !== undefined && { target }),
    overwrite: overwrite === true,
  })
  return jsonAnswer({})
}

async function deleteBranch(c: HubRequest): Promise<Response> {
  const name = checkRevision(c.req.param('ref')!)
  if (name === 'main')
    throw new HubRefusal(403, 'Cannot delete refs/heads/main, the default branch.')
  await c.env.hub.repos.deleteRef(c.var.repo, 'branches', name)
  return jsonAnswer({})
}

/** Tags the revision in the path: JSON `{ tag, message? }`. */
async function createTag(c: HubRequest): Promise<Response> {
  const { tag, message } = await readJson(c.req.raw)
  const name = checkRefName(typeof tag === 'string' ? tag : '')
  await c.env.hub.repos.createRef(c.var.repo, 'tags', name, {
    target: checkRevision(c.req.param('ref')!),
    ...(typeof message === 'string' && { message: checkDescription(message) }),
  })
  return jsonAnswer({})
}

async function deleteTag(c: HubRequest): Promise<Response> {
  await c.env.hub.repos.deleteRef(c.var.repo, 'tags', checkRevision(c.req.param('ref')!))
  return jsonAnswer({})
}

/** Replaces the history of a branch by one commit: JSON `{ message? }`. */
async function squashHistory(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { message } = await readJson(c.req.raw)
  const branch = checkRevision(c.req.param('ref')!)
  const title =
    typeof message === 'string' && message !== '' ? checkSummary(message) : `Super-squash ${branch}`
  const { oid } = await hub.repos.squash(c.var.repo, branch, title)
  hub.visibility.changed(repoKey(c.var.repo), 'removed')
  return jsonAnswer({ commitOid: oid })
}

function readRevision(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new HubRefusal(400, 'startingPoint must be a revision.')
  return checkRevision(value)
}

/** The history of a revision, newest first, in pages: `?p=0&limit=50&expand[]=formatted`. */
async function listCommits(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, commit } = c.var
  const formatted = c.req.queries('expand[]')?.includes('formatted') ?? false
  const most = formatted ? MOST_FORMATTED : MOST_COMMITS
  const limit = Math.min(readCount(c.req.query('limit')) || COMMITS, most)
  const page = readCount(c.req.query('p'))
  const history = await hub.repos.history(repo, commit)
  const next = new URL(c.req.url)
  next.searchParams.set('p', String(page + 1))
  const link = `<${hub.hubOrigin(c.req.raw)}${next.pathname}${next.search}>; rel="next"`
  return longJsonAnswer(describe(), {
    'x-total-count': String(history.length),
    ...(history.length > (page + 1) * limit && { link }),
  })

  function* describe(): Generator<object, void> {
    for (const listed of history.slice(page * limit, (page + 1) * limit)) {
      yield describeCommit(listed, formatted)
    }
  }
}

/** The hub knows tokens but no users, so a commit has no authors. */
function describeCommit({ oid, title, message = '', date }: Commit, formatted: boolean): object {
  const html = { title: escapeHtml(title), message: escapeHtml(message) }
  return { id: oid, title, message, date, authors: [], ...(formatted && { formatted: html }) }
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** Every content of large files in all commits, with the path and the date of its first commit. */
async function listLargeFiles(c: HubRequest): Promise<Response> {
  const found = new Map<string, object>()
  const pause = pacer()
  for await (const { commit, entries } of c.env.hub.repos.contents(c.var.repo, new Set())) {
    for (const [filename, entry] of entries) {
      if (pause.due()) await pause.now()
      const { sha256, size } = entry ?? {}
      if (sha256 === undefined || found.has(sha256)) continue
      found.set(sha256, { fileOid: sha256, oid: sha256, filename, size, pushedAt: commit.date })
    }
  }
  return longJsonAnswer(found.values())
}
