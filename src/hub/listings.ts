// Listings of a revision: its tree, and descriptions of some paths; with `expand` also the last commit of each path.

import { readable, repository, visible } from './access.ts'
import { MOST_PARSED, readBody, readJson } from './body.ts'
import { longAnswer, longJsonAnswer, pacer } from './pacing.ts'
import { entryNotFound, HubRefusal } from './refusals.ts'
import { as, isTrue, readCount, REPO, TYPE, type HubEnv, type HubRequest } from './routing.ts'
import { containsFolder, entriesOf, pathsOf } from './storage/entries.ts'
import { lastChangesOf } from './storage/history.ts'
import { pointerText } from './storage/objects.ts'
import { checkPath } from './storage/repo-names.ts'
import { createHash } from 'node:crypto'
import type { Commit, FileEntry, Revision } from './context.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hono } from 'hono/tiny'

/** Serves listings to callers that may see the repository; content hashes only to those that may read it. */
export function listingRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.get(`${of}/tree/:revision/:path{.+}`, as('tree'), repository, visible, listTree)
  app.get(`${of}/tree/:revision?`, as('tree'), repository, visible, listTree)
  app.post(`${of}/paths-info/:revision?`, as('paths-info'), repository, visible, pathsInfo)
  for (const type of ['/:type{datasets|spaces}', '']) {
    const root = `${type}/${REPO}/resolve/:revision`
    for (const path of [root, `${root}/:folder{.+/}`]) {
      app.get(path, as('listing'), paged, repository, visible, readable, listPage)
    }
  }
}

const MASK = '****'

/** The view of a caller on the entries of a revision. */
interface View {
  /** Hides content hashes, as for a gated repository. */
  readonly masked: boolean
  readonly commit: Commit
  /** The last commit of each path; undefined: not requested. */
  readonly last: ReadonlyMap<string, Commit> | undefined
}

async function viewOf(c: HubRequest, expanded?: readonly string[]): Promise<View> {
  const { hub } = c.env
  const { repo, commit, rights } = c.var
  const masked = !hub.guard.mayRead(rights, repo)
  const last =
    expanded &&
    (await lastChangesOf(await hub.repos.history(repo, commit), expanded, (before) =>
      hub.repos.changedPaths(repo, before),
    ))
  return { masked, commit, last }
}

function describeEntry(path: string, entry: FileEntry | 'folder', view: View): object {
  return entry === 'folder' ? folderInfo(path, view) : fileInfo(path, entry, view)
}

function fileInfo(path: string, entry: FileEntry, view: View): object {
  const { oid, size, sha256, xetHash } = entry
  const { masked } = view
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
    ...lastCommit(path, view),
  }
}

function folderInfo(path: string, view: View): object {
  const oid = createHash('sha1').update(`${view.commit.oid} ${path}`).digest('hex')
  return { type: 'directory', oid, size: 0, path, ...lastCommit(path, view) }
}

function lastCommit(path: string, { last, commit }: View): object {
  if (last === undefined) return {}
  const { oid, title, date } = last.get(path) ?? commit
  return { lastCommit: { id: oid, title, date } }
}

/** Entries in one answer, as on the real hub. */
const MOST_LISTED = 1000
const MOST_EXPANDED = 100

/**
 * Lists a folder of a revision, or with `?recursive=true` everything below it, in pages: the `Link` header has the URL
 * of the next one. `?limit=` makes pages smaller.
 */
async function listTree(c: HubRequest): Promise<Response> {
  const { commit, path: folder } = c.var
  const expand = isTrue(c.req.query('expand'))
  const most = expand ? MOST_EXPANDED : MOST_LISTED
  const limit = Math.min(readCount(c.req.query('limit')) || most, most)
  const base = folder === '' ? '' : `${folder}/`
  const after = base + Buffer.from(c.req.query('cursor') ?? '', 'base64url').toString()
  const recursive = isTrue(c.req.query('recursive'))
  const entries = entriesOf(await pathsIn(commit, folder), { folder, after, recursive })
  const page: string[] = []
  for (const entry of entries) {
    page.push(entry)
    if (page.length > limit) break
  }
  const link = page.length > limit && nextPage(c, page[limit - 1]!.slice(base.length))
  const shown = page.slice(0, limit)
  const view = await viewOf(c, expand ? shown.map(withoutSlash) : undefined)
  return longJsonAnswer(describe(), {
    'x-repo-commit': commit.oid,
    ...(link !== false && { link }),
  })

  function* describe(): Generator<object, void> {
    for (const entry of shown) {
      const path = withoutSlash(entry)
      yield describeEntry(path, path === entry ? commit.files.get(path)! : 'folder', view)
    }
  }
}

/** The cursor is the last entry of this page, so a page does not depend on how many came before it. */
function nextPage(c: HubRequest, last: string): string {
  const next = new URL(c.req.url)
  next.searchParams.set('cursor', Buffer.from(last).toString('base64url'))
  return `<${c.env.hub.hubOrigin(c.req.raw)}${next.pathname}${next.search}>; rel="next"`
}

function withoutSlash(entry: string): string {
  return entry.endsWith('/') ? entry.slice(0, -1) : entry
}

/** The ordered paths of a revision, when it has the folder. */
async function pathsIn(commit: Revision, folder: string): Promise<readonly string[]> {
  const paths = await pathsOf(commit.files)
  if (folder !== '' && !containsFolder(paths, folder)) throw entryNotFound(folder, commit.oid)
  return paths
}

const paged: MiddlewareHandler<HubEnv> = async (c, next) => {
  if (!c.env.hub.settings.listings) throw new HubRefusal(404, 'There is nothing at this path.')
  await next()
}

/** A page with links to what a folder holds, for clients without an API: `wget -r`, `rclone :http:`, a browser. */
async function listPage(c: HubRequest): Promise<Response> {
  const { commit } = c.var
  const { pathname } = new URL(c.req.url)
  // The links are relative.
  if (!pathname.endsWith('/')) {
    const location = `${c.env.hub.hubOrigin(c.req.raw)}${pathname}/`
    return new Response(null, { status: 301, headers: { location } })
  }
  const { folder = '/' } = c.req.param()
  const path = folder === '/' ? '' : checkPath(folder.slice(0, -1))
  const entries = entriesOf(await pathsIn(commit, path), { folder: path, recursive: false })
  return longAnswer(page(), {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'x-repo-commit': commit.oid,
  })

  function* page(): Generator<string, void> {
    yield '<!doctype html><meta charset="utf-8"><title>Files</title>\n<ul>\n'
    for (const entry of entries) {
      const name = withoutSlash(entry).slice(path === '' ? 0 : path.length + 1)
      const shown = name.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
      const end = entry.endsWith('/') ? '/' : ''
      // `./` keeps a name with a colon from being a scheme. An old folder may have names that are not well-formed.
      const target = encodeURIComponent(Buffer.from(name).toString())
      yield `<li><a href="./${target}${end}">${shown}${end}</a></li>\n`
    }
    yield '</ul>\n'
  }
}

/** Describes those of the given paths that exist in a revision: JSON `{ paths: [...], expand? }`. */
async function pathsInfo(c: HubRequest): Promise<Response> {
  const { commit } = c.var
  const { paths, expand } = await readPaths(c.req.raw)
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) {
    throw new HubRefusal(400, 'paths must be a list of texts.')
  }
  // Each path once: repeated paths would make the response much longer than the request.
  const asked = new Set(paths)
  const all = await pathsOf(commit.files)
  const found = new Map<string, FileEntry | 'folder'>()
  const pause = pacer()
  for (const path of asked) {
    if (pause.due()) await pause.now()
    const entry = commit.files.get(path) ?? (containsFolder(all, path) ? 'folder' : undefined)
    if (entry !== undefined) found.set(path, entry)
  }
  const view = await viewOf(c, expand ? [...found.keys()] : undefined)
  return longJsonAnswer(describe())

  function* describe(): Generator<object, void> {
    for (const [path, entry] of found) yield describeEntry(path, entry, view)
  }
}

/** The Python client sends a form, the others JSON. */
async function readPaths(request: Request): Promise<{ paths: unknown; expand: boolean }> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    const { paths, expand } = await readJson(request)
    return { paths, expand: expand === true }
  }
  const fields = new TextDecoder()
    .decode(await readBody(request, MOST_PARSED))
    .split('&', MOST_FIELDS + 1)
  if (fields.length > MOST_FIELDS) {
    throw new HubRefusal(400, `The body may have at most ${MOST_FIELDS} fields.`)
  }
  const paths: string[] = []
  let expand = ''
  // A form of 1 MB takes too long to be parsed at once.
  const pause = pacer()
  for (const field of fields) {
    if (pause.due()) await pause.now()
    for (const [name, value] of new URLSearchParams(field)) {
      if (name === 'paths') paths.push(value)
      else if (name === 'expand') expand = value
    }
  }
  return { paths, expand: isTrue(expand) }
}

/** As many as values in JSON. */
const MOST_FIELDS = 50_000
