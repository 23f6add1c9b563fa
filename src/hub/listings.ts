// Listings of a revision: its tree, and descriptions of some paths; with `expand` also the last commit of each path.

import { readable, repository, visible } from './access.ts'
import { MOST_PARSED, readBody, readJson } from './body.ts'
import { longJsonAnswer, pacer, sorted } from './pacing.ts'
import { entryNotFound, HubRefusal } from './refusals.ts'
import { as, isTrue, REPO, TYPE } from './routing.ts'
import { entryAt, lastChangesOf } from './storage/history.ts'
import { pointerText } from './storage/objects.ts'
import { checkPath } from './storage/repo-names.ts'
import { createHash } from 'node:crypto'
import type { Commit, FileEntry } from './context.ts'
import type { HubEnv, HubRequest } from './environment.ts'
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

async function viewOf(c: HubRequest, expand: boolean): Promise<View> {
  const { hub } = c.env
  const { repo, commit, rights } = c.var
  const masked = !hub.guard.mayRead(rights, repo)
  const last = expand ? await lastChangesOf(await hub.repos.history(repo, commit)) : undefined
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

/** Lists a folder of a revision, or with `?recursive=true` everything below it. */
async function listTree(c: HubRequest): Promise<Response> {
  const { commit, path: folder } = c.var
  const { paths, listed } = await entriesOf(commit, folder, isTrue(c.req.query('recursive')))
  const view = await viewOf(c, isTrue(c.req.query('expand')))
  return longJsonAnswer(describe(), { 'x-repo-commit': commit.oid })

  function* describe(): Generator<object, void> {
    for (const path of paths) yield describeEntry(path, listed.get(path)!, view)
  }
}

/** What a folder of a revision holds, and the paths of it in order. */
async function entriesOf(
  commit: Commit,
  folder: string,
  recursive: boolean,
): Promise<{ paths: readonly string[]; listed: ReadonlyMap<string, FileEntry | 'folder'> }> {
  const base = folder === '' ? '' : `${folder}/`
  const listed = new Map<string, FileEntry | 'folder'>()
  const pause = pacer()
  for (const path of Object.keys(commit.files)) {
    if (pause.due()) await pause.now()
    if (!path.startsWith(base)) continue
    const parts = path.slice(base.length).split('/')
    const depth = recursive ? parts.length : 1
    for (let count = 1; count < parts.length && count <= depth; count++) {
      listed.set(base + parts.slice(0, count).join('/'), 'folder')
    }
    if (parts.length <= depth) listed.set(path, commit.files[path]!)
  }
  if (listed.size === 0 && base !== '') throw entryNotFound(folder, commit.oid)
  const paths = await sorted([...listed.keys()], (one, other) => (one < other ? -1 : 1))
  return { paths, listed }
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
  const { paths, listed } = await entriesOf(commit, path, false)
  const links: string[] = []
  const pause = pacer()
  for (const at of paths) {
    if (pause.due()) await pause.now()
    const name = at.slice(path === '' ? 0 : path.length + 1)
    const shown = name.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    const end = listed.get(at) === 'folder' ? '/' : ''
    // `./` keeps a name with a colon from being a scheme.
    links.push(`<li><a href="./${encodeURIComponent(name)}${end}">${shown}${end}</a></li>`)
  }
  const html = `<!doctype html><meta charset="utf-8"><title>Files</title>\n<ul>\n${links.join('\n')}\n</ul>\n`
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(new TextEncoder().encode(html).byteLength),
      'content-security-policy': "default-src 'none'",
      'cache-control': 'no-store',
      'x-repo-commit': commit.oid,
    },
  })
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
  const view = await viewOf(c, expand)
  const folders = await foldersOf(commit)
  return longJsonAnswer(describe())

  function* describe(): Generator<object, void> {
    for (const path of asked) {
      const entry = entryAt(commit, path) ?? (folders.has(path) ? 'folder' : undefined)
      if (entry !== undefined) yield describeEntry(path, entry, view)
    }
  }
}

/** Computed once per revision. */
const folders = new WeakMap<Commit, ReadonlySet<string>>()

async function foldersOf(commit: Commit): Promise<ReadonlySet<string>> {
  const known = folders.get(commit)
  if (known !== undefined) return known
  const found = new Set<string>()
  const pause = pacer()
  for (const path of Object.keys(commit.files)) {
    if (pause.due()) await pause.now()
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      found.add(path.slice(0, end))
    }
  }
  folders.set(commit, found)
  return found
}

/** The Python client sends a form, the others JSON. */
async function readPaths(request: Request): Promise<{ paths: unknown; expand: boolean }> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    const { paths, expand } = await readJson(request)
    return { paths, expand: expand === true }
  }
  const text = new TextDecoder().decode(await readBody(request, MOST_PARSED))
  const form = new URLSearchParams(text)
  return { paths: form.getAll('paths'), expand: isTrue(form.get('expand') ?? '') }
}
