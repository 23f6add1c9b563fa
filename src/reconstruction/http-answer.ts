// What the answer of an ordinary HTTP server allows: whether its body may be kept, how long it is fresh, which of
// its headers are repeated, and whether it is the file at all. Pure policies over headers and first bytes.
import { isWeights } from '../core/index.ts'
import type { FileInfo } from '../protocol/index.ts'

type Headed = Pick<Response, 'headers'>

/** Stands for "never stale": the largest time that IndexedDB, JSON and comparisons all keep exactly. */
const never: number = Number.MAX_SAFE_INTEGER

/**
 * Request headers that modelferry sends differently than the page, or not at all. An answer that varies by any other
 * one is different for another request. `Origin` is always the app's own; `Cookie` is looked at on its own.
 */
const harmlessVary =
  /^(?:accept-encoding|origin|range|cookie|authorization|referer|access-control-.*|sec-fetch-.*)?$/

/** Why an answer may not be kept, for people; undefined: it may. Source: RFC 9111, section 3. */
export function whyNotKept({ headers }: Headed): string | undefined {
  if (directives(headers).has('no-store')) return 'Cache-Control says no-store'
  const varies = listOf(headers.get('vary')).find((name) => !harmlessVary.test(name))
  return varies === undefined ? undefined : `the answer varies by ${varies} (Vary)`
}

/** Whether the answer may be another one for a signed-in user. */
export function isPersonal({ headers }: Headed): boolean {
  return directives(headers).has('private') || listOf(headers.get('vary')).includes('cookie')
}

/**
 * Until when an answer need not be confirmed, by its own headers.
 *
 * @param now local epoch milliseconds
 * @returns local epoch milliseconds; `now` where the server says nothing, since a guess may give old bytes
 * Sources: RFC 9111, sections 4.2 and 5.2; RFC 8246 (immutable).
 */
export function freshUntil({ headers }: Headed, url: string, now: number): number {
  const told = directives(headers)
  if (told.has('no-cache')) return now
  if (told.has('immutable')) return never
  const maxAge = told.get('max-age')
  const lifetime = maxAge === undefined ? expiresIn(headers) : (Number(maxAge) || 0) * 1000
  // A name with a digest in it never comes to mean other bytes, unless its server asks to be asked.
  if (isHashedName(url) && lifetime !== 0) return never
  const age = (Number(headers.get('age')) || 0) * 1000
  return Math.max(now, now + (lifetime ?? 0) - age)
}

/** @returns milliseconds from the answer's own date on; undefined: not told */
function expiresIn(headers: Headers): number | undefined {
  const expires = headers.get('expires')
  if (expires === null) return undefined
  const lifetime = Date.parse(expires) - Date.parse(headers.get('date') ?? '')
  return Number.isFinite(lifetime) ? Math.max(0, lifetime) : 0
}

/** Whether the last part of a path carries a digest, as bundlers and content stores write it. */
export function isHashedName(url: string): boolean {
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

/** Headers that speak of the file, or are the app's own; those of ours are told by fields of their own. */
const repeated =
  /^(?:x-(?!linked|repo-commit|xet|modelferry)|cache-control|content-(?:disposition|language)|expires)/

/** What else the server said that the page may read, to be repeated with every answer about the file. */
export function otherHeaders({ headers }: Headed): FileInfo['headers'] {
  const others = [...headers].filter(([name]) => repeated.test(name))
  return others.length > 0 && JSON.stringify(others).length < 2048 ? others : undefined
}

/** Whether an address names model weights, which are never a web page. */
export function isModelPath(url: string): boolean {
  const path = new URL(url).pathname.toLowerCase()
  return isWeights(path) || path.endsWith('.bin')
}

/** Whether an answer is a web page where no page was asked for: a sign-in, a block or a start page. */
export function isPage({ headers }: Headed, url: string, bytes?: Uint8Array): boolean {
  if (/\.(?:x?html?|xht|php|aspx?)$/i.test(new URL(url).pathname)) return false
  const type = headers.get('content-type') ?? ''
  if (/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type)) return true
  return (
    bytes !== undefined &&
    /^(?:\uFEFF)?\s*<(?:!doctype\s+html|html|head|body)\b/i.test(textOf(bytes))
  )
}

/** Whether bytes are a Git LFS pointer, which stands for a file that was never fetched. */
export function isPointer(url: string, bytes: Uint8Array): boolean {
  return (
    !/\/raw\//.test(url) && textOf(bytes).startsWith('version https://git-lfs.github.com/spec/')
  )
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 256))
}

/** Whether an answer lacks the commit that this hub always names, so that another server gave it. */
export function isForeign({ headers }: Headed, url: string): boolean {
  return /^https:\/\/(?:huggingface\.co|hf\.co)\//.test(url) && !headers.has('x-repo-commit')
}
