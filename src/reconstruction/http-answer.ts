// Interprets responses of ordinary HTTP servers: whether the body may be stored, how long it is fresh, which headers
// are repeated, and whether it is the file at all. Pure policies over headers and first bytes.
import { isPinnedRevision, isResolveUrl, isWeights } from '../address/index.ts'
import type { FileInfo } from '../data/index.ts'

type Headed = Pick<Response, 'headers'>

/** Means "never stale": the largest time that IndexedDB, JSON and comparisons all represent exactly. */
const never: number = Number.MAX_SAFE_INTEGER

/**
 * Request headers that modelferry sends differently than the page, or not at all. A response that varies by any other
 * header may differ for another request. `Origin` is always the app's own; `Cookie` is handled separately.
 */
const harmlessVary =
  /^(?:accept-encoding|origin|range|cookie|authorization|referer|access-control-.*|sec-fetch-.*)?$/

/** Why a response must not be stored, as a text; undefined: it may be stored. Source: RFC 9111, section 3. */
export function whyNotKept({ headers }: Headed): string | undefined {
  if (directives(headers).has('no-store')) return 'Cache-Control says no-store'
  const own = JSON.stringify(otherHeaders({ headers }) ?? [])
  if (own.length > longestHeaders) return 'its headers are too long to repeat'
  const varies = listOf(headers.get('vary')).find((name) => !harmlessVary.test(name))
  return varies === undefined ? undefined : `Vary names ${varies}`
}

/** Whether the response may differ for a signed-in user. */
export function isPersonal({ headers }: Headed): boolean {
  return directives(headers).has('private') || listOf(headers.get('vary')).includes('cookie')
}

/**
 * Until when a response is fresh, by its own headers.
 *
 * @param now local epoch milliseconds
 * @returns local epoch milliseconds; `now` without a header, because a heuristic may return old bytes
 * Sources: RFC 9111, sections 4.2 and 5.2; RFC 8246 (immutable).
 */
export function freshUntil({ headers }: Headed, url: string, now: number): number {
  const cacheControl = directives(headers)
  if (cacheControl.has('no-cache')) return now
  if (cacheControl.has('immutable')) return never
  const maxAge = cacheControl.get('max-age')
  const lifetime = maxAge === undefined ? expiresIn(headers) : (Number(maxAge) || 0) * 1000
  // The content of a name with a digest never changes, unless its server requires revalidation.
  if (isHashedName(url) && lifetime !== 0) return never
  const age = (Number(headers.get('age')) || 0) * 1000
  return Math.max(now, now + (lifetime ?? 0) - age)
}

/**
 * Whether a file is as fresh as its commit, or as the branch of a hub. A plain server with the paths of a hub may state
 * another freshness for a branch; the target of a redirect says nothing about it.
 */
export function isAsFreshAsBranch({ headers, redirected }: Response, url: string): boolean {
  const states = headers.has('cache-control') && !headers.has('x-repo-commit') && !redirected
  return isResolveUrl(url) && (isPinnedRevision(url) || !states)
}

/** @returns milliseconds from the response's own date; undefined: unknown */
function expiresIn(headers: Headers): number | undefined {
  const expires = headers.get('expires')
  if (expires === null) return undefined
  const lifetime = Date.parse(expires) - Date.parse(headers.get('date') ?? '')
  return Number.isFinite(lifetime) ? Math.max(0, lifetime) : 0
}

/** Whether the last part of a path contains a digest, in the form of bundlers and content stores. */
function isHashedName(url: string): boolean {
  const path = new URL(url).pathname
  if (/(?:^|[/._-])(?:[0-9a-f]{40}|[0-9a-f]{64})(?=[/._-]|$)/i.test(path)) return true
  const name = path.slice(path.lastIndexOf('/') + 1)
  return [...name.matchAll(/[.-]([0-9a-f]{8,32})(?=\.)/g)].some(
    ([, digest = '']) => /\d/.test(digest) && /[a-f]/.test(digest),
  )
}

function directives(headers: Headers): Map<string, string> {
  return new Map(
    listOf(headers.get('cache-control')).map((part) => {
      const [name = '', value = ''] = part.split('=', 2)
      return [name.trim(), value.trim().replaceAll('"', '')]
    }),
  )
}

function listOf(header: string | null): string[] {
  return (header ?? '').split(',').map((part) => part.trim().toLowerCase())
}

/** Longer headers are not stored with a file, characters. */
const longestHeaders = 2 ** 16

/** Headers about the file, or of the app itself; modelferry's have their own fields. */
const repeated =
  /^(?:x-(?!linked|repo-commit|xet|modelferry)|cache-control|content-(?:disposition|language)|expires)/

/** Other headers that the page may read; they are repeated with every response for the file. */
export function otherHeaders({ headers }: Headed): FileInfo['headers'] {
  const others = [...headers].filter(([name]) => repeated.test(name))
  return others.length > 0 ? others : undefined
}

/** Whether a URL names model weights, which are never a web page. */
export function isModelPath(url: string): boolean {
  const path = new URL(url).pathname.toLowerCase()
  return isWeights(path) || path.endsWith('.bin')
}

/** Whether a response is a web page although no page was requested: a sign-in, block or start page. */
export function isPage({ headers }: Headed, url: string, bytes?: Uint8Array): boolean {
  if (/\.(?:x?html?|xht|php|aspx?)$/i.test(new URL(url).pathname)) return false
  const type = headers.get('content-type') ?? ''
  if (/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type)) return true
  return (
    bytes !== undefined &&
    /^(?:\uFEFF)?\s*<(?:!doctype\s+html|html|head|body)\b/i.test(textOf(bytes))
  )
}

/** Whether bytes are a Git LFS pointer, which represents a file that was never fetched. */
export function isPointer(url: string, bytes: Uint8Array): boolean {
  return (
    !/\/raw\//.test(url) && textOf(bytes).startsWith('version https://git-lfs.github.com/spec/')
  )
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 256))
}

/**
 * Whether a response lacks the commit that hubs name, so it comes from another server, such as a network that blocks the
 * hub. A response of another origin without a readable ETag may hide it.
 *
 * @param proven whether its body has the hash that its ETag names
 */
export function isForeign({ headers, type }: Response, url: string, proven?: boolean): boolean {
  if (headers.has('x-repo-commit')) return false
  if (/^https:\/\/(?:huggingface\.co|hf\.co)\//.test(url)) return true
  const readable = type !== 'cors' || headers.has('etag')
  return proven === false && readable && isResolveUrl(url) && isPinnedRevision(url)
}
