// Derives from a page's request how it must be answered, and why modelferry may not answer it. Used by service worker
// and loader before any lookup; ferry.explain() gives the same reasons as texts.
import { isOfHub, isWeights } from '../address/index.ts'
import type { FileInfo } from '../data/index.ts'
import type { SourceOptions } from './file-source.ts'

/** The parts of a page's request that decide how it is answered. */
export interface PageRequest {
  /** Without fragment. */
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly cache?: RequestCache | undefined
  readonly redirect?: RequestRedirect | undefined
  readonly credentials?: RequestCredentials | undefined
}

/** The requirements of its cache mode and headers. */
interface CacheDirectives {
  readonly recheck?: SourceOptions['recheck']
  /** Whether unverified bytes must be fetched again too. */
  readonly reload?: boolean
}

/** Headers that browsers add, that modelferry handles, or that are only for tracing. */
const known =
  /^(?:accept|accept-(?:language|encoding)|authorization|range|if-(?:match|none-match|range|modified-since|unmodified-since)|cache-control|pragma|user-agent|sec-.*|dnt|save-data|priority|referer|origin|traceparent|tracestate|baggage|sentry-trace|x-datadog-.*|x-b3-.*)$/

/**
 * Whether a request must be made by the page itself, regardless of stored files. That is so if one of its headers may
 * decide what the server answers, if it sends cookies to another origin or prefers types or languages, and if its
 * cache mode is no-store.
 *
 * @param origin of the page
 */
export function mustPass(request: PageRequest, origin: string): boolean {
  const { url, headers, credentials } = request
  const range = headers.get('range')
  if ([...headers.keys()].some((name) => !known.test(name))) return true
  if (isOfHub(url)) return false
  if (credentials === 'include' && !isOwn(url, origin)) return true
  if (isNoStore(request) && range !== 'bytes=0-0') return true
  if (isWeights(new URL(url).pathname)) return false
  const accept = headers.get('accept') ?? '*/*'
  if (isOwn(url, origin)) return !accept.includes('*/*')
  // Another origin seldom exposes `Vary`, so any preference may decide.
  const language = headers.get('accept-language')
  return accept !== '*/*' || (language !== null && namesOf(language) !== browserLanguages())
}

/**
 * Whether the server answers better than the device: with `multipart/byteranges` to several ranges, and to a date as a
 * condition. A hub redirects, and refuses such a condition of another origin.
 */
export function isForServer({ url, headers }: PageRequest): boolean {
  const several = headers.get('range')?.includes(',') === true
  return !isOfHub(url) && (several || /if-(?:un)?modified/.test([...headers.keys()].join()))
}

/** Languages without weights. */
function namesOf(list: string): string {
  return list.toLowerCase().replaceAll(/\s|;[^,]*/g, '')
}

function browserLanguages(): string | undefined {
  // Node 20 has no navigator.
  return 'navigator' in globalThis ? namesOf(navigator.languages.join()) : undefined
}

/**
 * The requirements of a request's cache mode and cache headers (Fetch, section 2.2.5; RFC 9111, section 5.2.1). A request in
 * mode no-store comes here for a hub only, which is asked then; libraries use the mode when they ask for a size.
 */
export function cacheDirectivesOf(request: PageRequest): CacheDirectives {
  const { url, headers, cache } = request
  if (isConditional(request)) return {}
  const control =
    `${headers.get('cache-control') ?? ''},${headers.get('pragma') ?? ''}`.toLowerCase()
  if (cache === 'reload') return { recheck: 'always', reload: !isOfHub(url) }
  const isSizeProbe = headers.get('range') === 'bytes=0-0'
  const asks = cache === 'no-cache' || /no-cache|max-age=0\b/.test(control)
  if (asks || (isNoStore(request) && !isSizeProbe)) return { recheck: 'always' }
  return cache === 'force-cache' ? { recheck: 'never' } : {}
}

/**
 * Why the stored answer about a file is not valid for a request; undefined: it is valid.
 *
 * @param origin of the page
 */
export function whyNotFor(
  request: PageRequest,
  info: FileInfo,
  origin: string,
): string | undefined {
  const { url, redirect = 'follow', credentials = 'same-origin' } = request
  if (info.personal && sendsCookies({ url, credentials }, origin))
    return 'the server answers by cookies'
  const { xetHash, sha256, moved } = info
  const redirects = moved ?? (xetHash !== undefined || sha256 !== undefined)
  return redirects && redirect !== 'follow'
    ? `its redirect mode is ${redirect}, and the server redirects it`
    : undefined
}

/**
 * The status of a request whose condition does not hold; undefined: it is answered with the file.
 *
 * Dates are not compared: see {@link isForServer}. Source: RFC 9110, section 13.2.2.
 */
export function failedCondition(headers: Headers, { etag }: FileInfo): 304 | 412 | undefined {
  if (!agrees(headers.get('if-match'), etag)) return 412
  return matches(headers.get('if-none-match'), etag) ? 304 : undefined
}

/** If-None-Match compares weakly. */
function matches(condition: string | null, etag: string | undefined): boolean {
  if (condition?.trim() === '*') return true
  return !!etag && !!condition?.split(',').some((tag) => opaque(tag) === opaque(etag))
}

/** If-Match compares strongly: a weak tag never matches. */
function agrees(condition: string | null, etag: string | undefined): boolean {
  if (condition === null || condition.trim() === '*') return true
  // A weak tag of the request is none of the server's strong ones.
  return !etag?.startsWith('W/') && condition.split(',').some((tag) => tag.trim() === etag)
}

/** An entity tag without its weakness prefix. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}

/** Whether the whole file is requested, without a condition. */
export function isWhole({ method, headers, redirect = 'follow' }: PageRequest): boolean {
  const partial = [...headers.keys()].some((name) => /^(?:range|if-)/.test(name))
  return method === 'GET' && !partial && redirect === 'follow'
}

function isNoStore(request: PageRequest): boolean {
  const { headers, cache } = request
  if (isConditional(request)) return false
  return cache === 'no-store' || /no-store/i.test(headers.get('cache-control') ?? '')
}

/**
 * Whether the request has its own conditions. Browsers give such a request another cache mode (`no-cache` in Chromium
 * 156, `no-store` in the Fetch standard) and sometimes that mode's headers; the page did not choose them.
 */
function isConditional({ headers, cache }: PageRequest): boolean {
  const changed = cache === 'no-store' || cache === 'no-cache'
  return changed && [...headers.keys()].some((name) => name.startsWith('if-'))
}

/** The properties of a request that are known synchronously. */
interface RequestShape {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly cache: RequestCache
}

/**
 * Whether a request may be answered with a model file, if its URL names one. All other requests are left to the
 * browser: navigations, requests that change data, `only-if-cached`, and requests to other origins that must stay
 * opaque or fail there.
 *
 * @param origin of the page
 */
export function isFileRequest({ url, method, mode, cache }: RequestShape, origin: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (cache === 'only-if-cached' || mode === 'navigate') return false
  return mode === 'cors' || url.startsWith(`${origin}/`)
}

/**
 * Whether a browser sends cookies with a request. modelferry fetches model files without cookies; a server that uses
 * cookies must get the page's own request.
 *
 * @param origin of the page
 */
export function sendsCookies(
  { url, credentials }: { readonly url: string; readonly credentials: RequestCredentials },
  origin: string,
): boolean {
  if (credentials === 'same-origin') return url.startsWith(`${origin}/`)
  return credentials === 'include'
}

function isOwn(url: string, origin: string): boolean {
  return url.startsWith(`${origin}/`)
}

/** Time for which a repository or a file is passed through, milliseconds. */
const bypassMs = 3 * 60_000
/** Maximum number of remembered repositories and files; the oldest are removed. */
const mostEntries = 1000

/**
 * Remembers for a few minutes which repositories modelferry could not serve, and which files it may not keep, so that
 * their next requests do not wait for another failure. One for each realm that answers requests; losing it costs one more bounded delay.
 */
export class Bypass {
  readonly #entries = new Map<string, { readonly until: number; readonly why: string }>()
  readonly #now: () => number

  /** @param now local epoch milliseconds; tests use another clock */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * Records that a download failed while the page's own request was answered.
   *
   * @param why readable reason
   * @returns whether the repository was not recorded before
   */
  addRepository(url: string, why: string = ''): boolean {
    const isNew = !this.passesRepository(url)
    this.#add(repositoryOf(url), why)
    return isNew
  }

  /**
   * Records that the file of a plain server may not be kept, so that its next requests cost no question.
   *
   * @param why readable reason
   */
  addFile(url: string, why: string = ''): void {
    if (!isOfHub(url)) this.#add(url, why)
  }

  /** Whether requests for this file are made by the page for now, also when it is on the device; offline they are not. */
  passesFile(url: string): boolean {
    // Node 20 has no navigator.
    const online = !('navigator' in globalThis) || navigator.onLine
    return online && (this.#entries.get(url)?.until ?? 0) > this.#now()
  }

  #add(key: string, why: string): void {
    this.#entries.delete(key)
    this.#entries.set(key, { until: this.#now() + bypassMs, why })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > mostEntries) this.#entries.delete(oldest ?? '')
  }

  /** Whether files of this repository that are not on the device are passed through for now. */
  passesRepository(url: string): boolean {
    return this.why(url) !== undefined
  }

  /** The reason; undefined: they are not passed through. */
  why(url: string): string | undefined {
    const entry = this.#entries.get(repositoryOf(url))
    return entry && entry.until > this.#now() ? entry.why : undefined
  }
}

/** The unit of failure: a repository, or one folder of another server. */
function repositoryOf(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const [repository] = /^.*?\/resolve(?=\/)/.exec(path) ?? []
  return repository ?? path.slice(0, path.lastIndexOf('/') + 1)
}
