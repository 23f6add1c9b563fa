// Files by their path in a repository: file info as JSON, a redirect to storage, or the bytes of small files in git.

import { readable, repository, visible } from './access.ts'
import { parseRanges, rangedAnswer, streamOf } from './ranges.ts'
import { jsonAnswer, entryNotFound } from './refusals.ts'
import { as, REPO, type HubEnv, type HubRequest } from './routing.ts'
import { signUrl } from './signing.ts'
import { pointerText } from './storage/objects.ts'
import { repoKey } from './storage/repo-names.ts'
import type { HubContext } from './context.ts'
import type { RepoId } from './hub.ts'
import type { Hono } from 'hono/tiny'

/** Serves files to callers that may read them. */
export function resolveRoutes(app: Hono<HubEnv>): void {
  for (const verb of ['resolve', 'raw'] as const) {
    const place = `/${REPO}/${verb}/:revision/:path{.+}`
    for (const path of [`/:type{datasets|spaces}${place}`, place]) {
      app.get(path, as(verb), repository, visible, readable, (c) => serveFile(c, verb === 'raw'))
    }
  }
}

/**
 * The headers of a large file.
 *
 * @param hub what handlers use
 * @param request for the origin that links point to
 * @param place of the file
 * @param entry the file
 * @param xet whether to include the links for xorbs
 */
function linkedHeaders(
  hub: HubContext,
  request: Request,
  place: FilePlace,
  entry: LargeEntry,
  xet: boolean,
): Record<string, string> {
  const { type } = place.repo
  const origin = hub.hubOrigin(request)
  const api = `${origin}/api/${type === 'model' ? 'models/' : ''}${repoKey(place.repo)}`
  const headers: Record<string, string> = {
    'x-linked-size': String(entry.size),
    'x-linked-etag': `"${entry.sha256}"`,
    'x-repo-commit': place.commit,
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
  }
  if (xet && entry.xetHash !== undefined) {
    headers['x-xet-hash'] = entry.xetHash
    headers['link'] =
      `<${api}/xet-read-token/${place.commit}>; rel="xet-auth", ` +
      `<${origin}/v1/reconstructions/${entry.xetHash}>; rel="xet-reconstruction-info"`
  }
  return headers
}

/**
 * The links to get a file as xorbs: in headers, and as JSON too.
 *
 * @see Xet protocol, section on ways to ask for file info
 */
function fileInfoAnswer(
  hub: HubContext,
  request: Request,
  place: FilePlace,
  entry: LargeEntry,
): Response {
  const headers = linkedHeaders(hub, request, place, entry, true)
  const [auth, info] = [...headers['link']!.matchAll(/<([^>]+)>/g)].map((match) => match[1])
  const body = {
    hash: entry.xetHash,
    refreshUrl: auth,
    reconstructionUrl: info,
    etag: headers['x-linked-etag'],
    size: entry.size,
  }
  const answer = jsonAnswer(body, 200, {
    ...headers,
    'content-type': 'application/vnd.xet-fileinfo+json',
  })
  return request.method === 'HEAD' ? new Response(null, answer) : answer
}

/**
 * Redirects a plain download to storage. A `Range` of this request is signed into the URL, which is then valid only
 * for it: the real CDN does so, and clients that reuse such a URL fail there.
 *
 * @param hub what handlers use
 * @param request GET or HEAD
 * @param place of the file
 * @param entry the file
 * @param xet whether to include the links for xorbs
 */
function largeRedirect(
  hub: HubContext,
  request: Request,
  place: FilePlace,
  entry: LargeEntry,
  xet: boolean,
): Response {
  // Not the range of a request that may be answered with the whole: with `If-Range`, or for several ranges.
  const ranged = request.method === 'GET' && !request.headers.has('if-range')
  const ranges = parseRanges(ranged ? request.headers.get('range') : null, entry.size)
  const location = signUrl(hub.secrets, {
    origin: hub.storageOrigin(request),
    path: `/lfs/${entry.sha256}/as/${encodeURIComponent(place.path.split('/').at(-1)!)}`,
    method: 'GET',
    ranges: Array.isArray(ranges) && ranges.length === 1 ? ranges : [],
    expires: hub.clock.now() + hub.settings.urlLifetimeMs,
  })
  const body = new TextEncoder().encode('Found. Redirecting to storage.')
  return new Response(request.method === 'HEAD' ? null : body, {
    status: 302,
    headers: {
      ...linkedHeaders(hub, request, place, entry, xet),
      location,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(body.byteLength),
    },
  })
}

/**
 * Whether a file is served without Xet although it is stored as xorbs.
 *
 * @param patterns repository names, optionally followed by a path; `*` matches anything
 * @param place of the file
 * @example isWithoutXet(['a/b/*.bin'], { repo: { type: 'model', name: 'a/b' }, path: 'x.bin', commit }) // true
 */
export function isWithoutXet(
  patterns: readonly string[],
  place: Pick<FilePlace, 'repo' | 'path'>,
): boolean {
  const key = repoKey(place.repo)
  const full = `${key}/${place.path}`
  return patterns.some((pattern) => {
    const text = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    const expression = new RegExp(`^${text.join('.*')}$`)
    return expression.test(key) || expression.test(full)
  })
}

/** `raw`: the git content, which is a pointer for large files. */
function serveFile(c: HubRequest, raw: boolean): Response {
  const { hub } = c.env
  const { repo, commit, path } = c.var
  const request = c.req.raw
  const entry = commit.files.get(path)
  if (entry === undefined) throw entryNotFound(path, commit.oid)
  const { sha256 } = entry
  if (sha256 !== undefined && !raw) {
    const place = { repo, commit: commit.oid, path }
    const large = { ...entry, sha256 }
    const plain = entry.xetHash === undefined || isWithoutXet(hub.settings.withoutXet, place)
    const wantsInfo = request.headers.get('accept')?.includes('application/vnd.xet-fileinfo+json')
    return !plain && wantsInfo === true
      ? fileInfoAnswer(hub, request, place, large)
      : largeRedirect(hub, request, place, large, !plain)
  }
  const pointer = sha256 === undefined ? undefined : pointerText(sha256, entry.size)
  const text = pointer === undefined ? undefined : new TextEncoder().encode(pointer)
  return rangedAnswer(
    request,
    {
      size: text?.byteLength ?? entry.size,
      etag: `"${entry.oid}"`,
      contentType: 'text/plain; charset=utf-8',
      modified: Date.parse(commit.date),
      read: (range) =>
        text === undefined
          ? hub.objects.readBlob(entry.oid, range)
          : streamOf(once(text.subarray(range.start, range.end))),
    },
    { 'x-repo-commit': commit.oid },
  )
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}

/** The location of a file. */
interface FilePlace {
  readonly repo: RepoId
  /** 40 hex. */
  readonly commit: string
  readonly path: string
}

/** A large file, with its content hashes. */
interface LargeEntry {
  readonly size: number
  readonly sha256: string
  readonly xetHash?: string
}
