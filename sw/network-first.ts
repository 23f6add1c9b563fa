// Answers requests for hub metadata and runtimes: from the network, or from a stored response.
import { grantOf, addressOf, joinCredential } from '../src/address/index.ts'
import { answerCache, answerKey, type AnswerKind } from '../src/platform/index.ts'
import { withTimeout } from '../src/core/index.ts'
import { isTransient } from '../src/net/index.ts'
import { cacheDirectivesOf, contentTypeOf, isFresh, sendsCookies } from '../src/transfer/index.ts'

/** Which responses are stored, and how long they are fresh. */
export interface AnswerRules {
  readonly kind: AnswerKind
  /** Maximum number of stored responses; the oldest is removed. */
  readonly most: number
  /** Largest stored body, bytes. */
  readonly largest: number
  /** Whether a response is stored; web pages never are. */
  readonly isKept: (response: Response) => boolean
  /** @param keptAt epoch milliseconds, as is `now` */
  readonly isFresh: (url: string, keptAt: number, now: number, kept?: Response) => boolean
  /** Makes the request for a URL; default: the page's own request. */
  readonly ask?: (request: Request) => Request
  /** Whether the content type is derived from the name, not from the response. */
  readonly typed?: boolean
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Blob
}

/** Time for the network before a stored response is used, milliseconds. */
export const networkWaitMs = 4000
const keptAtHeader = 'x-modelferry-kept-at'

/**
 * Stores whole responses of other servers unchanged. A stored response is used while it is fresh, and as a fallback
 * when the network fails. Two concurrent requests share one fetch. A body is read to its end before it is delivered,
 * so an incomplete one is an error and never stored.
 */
export class Answers {
  readonly #rules: AnswerRules
  readonly #fetch: typeof fetch
  readonly #name: string
  readonly #origin: string
  readonly #asked = new Map<string, Promise<Response | Answer>>()

  /** @param scope the app's */
  constructor(rules: AnswerRules, network: typeof fetch, scope: string) {
    this.#rules = rules
    this.#fetch = network
    this.#name = answerCache(rules.kind, scope)
    this.#origin = new URL(scope).origin
  }

  /** @throws the error of the network, when nothing is stored */
  async answer(request: Request): Promise<Response> {
    const { name: url, asked } = addressOf(request.url)
    const credential = joinCredential(asked, request.headers.get('authorization'))
    const grant = credential && (await grantOf(credential))
    const isHead = request.method === 'HEAD'
    const [get, head] = [answerKey(url, grant), answerKey(url, `HEAD${grant ?? ''}`)]
    const [key, other] = isHead ? [head, get] : [get, head]
    const shared = await this.#kept(url)
    // A public 404 is returned only to requests without a credential.
    const kept = (await this.#kept(key)) ?? (shared?.ok ? shared : undefined)
    // A credential may have been withdrawn: the hub is asked, as long as it answers.
    const cached = request.cache !== 'no-store' && cacheDirectivesOf(request).recheck !== 'always'
    const at = Number(kept?.headers.get(keptAtHeader))
    const fresh =
      credential === undefined && cached && this.#rules.isFresh(url, at, Date.now(), kept)
    const hit = (kept: Response): Response => given(kept, isHead, 'hit')
    if (kept && fresh) return hit(kept)
    // An answer to an earlier request does not count as fresh.
    const running = cached ? this.#asked.get(key) : undefined
    const asking = running ?? this.#load(key, other, url, request)
    this.#asked.set(key, asking)
    asking
      .finally(() => {
        if (this.#asked.get(key) === asking) this.#asked.delete(key)
      })
      .catch(() => undefined)
    try {
      const answer = await (kept ? withTimeout(asking, networkWaitMs, '') : asking)
      // Offline, a request that the policy leaves to the browser would fail there too.
      const toBrowser = answer.status === 302 && !navigator.onLine
      if (kept && (isTransient(answer.status) || toBrowser)) return hit(kept)
      if (!(answer instanceof Response)) return given(answer, isHead)
      const unauthorized = [401, 403].includes(answer.status) && sendsCookies(request, this.#origin)
      // The body of a response to another request must not be read here.
      return unauthorized || running ? await this.#fetch(request) : answer
    } catch (error) {
      if (kept) return hit(kept)
      throw error
    }
  }

  /**
   * @param other key of the same request by the other method
   * @returns the response itself when it cannot be stored
   */
  async #load(
    key: string,
    other: string,
    url: string,
    request: Request,
  ): Promise<Response | Answer> {
    const { isKept, largest, ask, typed } = this.#rules
    const askedAt = Date.now()
    const response = await this.#fetch(ask?.(request) ?? request)
    const { status, ok } = response
    if (ok || [401, 403, 404, 410].includes(status))
      await this.#change(async (cache) => {
        if (!ok) await cache.delete(key)
        // GET and HEAD report one state.
        if ((await cache.match(other))?.ok !== ok) await cache.delete(other)
      })
    const type = response.headers.get('content-type') ?? ''
    const length = Number(response.headers.get('content-length'))
    if (/^text\/html\b/i.test(type) || length > largest || !isKept(response)) return response
    const body = await response.blob()
    const headers = new Headers(response.headers)
    if (request.method !== 'HEAD') {
      headers.delete('content-encoding')
      headers.set('content-length', String(body.size))
    }
    if (typed) headers.set('content-type', contentTypeOf(url))
    const answer = { status, headers, body }
    if (body.size <= largest) await this.#change((cache) => this.#keep(cache, key, answer, askedAt))
    return answer
  }

  async #keep(
    cache: Cache,
    key: string,
    { status, headers, body }: Answer,
    askedAt: number,
  ): Promise<void> {
    const before = Number((await cache.match(key))?.headers.get(keptAtHeader))
    // A newer answer has overtaken this one.
    if (before > askedAt && before <= Date.now()) return
    const marked = new Headers(headers)
    marked.set(keptAtHeader, String(askedAt))
    // A cache refuses `Vary: *`; these requests are all alike.
    marked.delete('vary')
    await cache.put(key, new Response(body, { status, headers: marked }))
    const keys = await cache.keys()
    const over = keys.slice(0, Math.max(0, keys.length - this.#rules.most))
    await Promise.all(over.map((key) => cache.delete(key)))
  }

  async #kept(key: string): Promise<Response | undefined> {
    return await this.#change((cache) => cache.match(key))
  }

  /** A full or forbidden cache stores nothing, and fails no response. */
  async #change<T>(work: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(await caches.open(this.#name))
    } catch {
      return undefined
    }
  }
}

/** @param isHead without the body: the stored response of a GET may answer a HEAD */
function given(
  { status, headers, body }: Response | Answer,
  isHead: boolean,
  label?: 'hit',
): Response {
  const shown = new Headers(headers)
  shown.delete(keptAtHeader)
  if (label) shown.set('x-modelferry', label)
  return new Response(isHead ? null : body, { status, headers: shown })
}

/**
 * Rules for public listings, pointers and small files of hubs: fresh as long as the revision of a branch. A 404 for a
 * file is stored too, because libraries request optional files.
 */
export const metadataRules: AnswerRules = {
  kind: 'notes',
  most: 500,
  largest: 4 * 2 ** 20,
  isKept: ({ status, headers }) => {
    // A missing repository or revision may be pushed later, with this very commit.
    const error = headers.get('x-error-code') ?? 'EntryNotFound'
    return status === 200 || (status === 404 && error === 'EntryNotFound')
  },
  isFresh: (url, checkedAt, now, kept) => {
    // Without the hub's header the answer may be that of a server in front of it.
    const isMissing = kept?.status === 404
    const unsigned = !kept?.headers.has(isMissing ? 'x-error-code' : 'x-request-id')
    const refusal = isMissing && unsigned ? { headers: [] } : undefined
    return isFresh({ url, checkedAt, unsigned, refusal }, now)
  },
  // With cookies the response could be for the signed-in user only.
  ask: (request) => new Request(request, { credentials: 'omit' }),
}

/**
 * Rules for runtimes from CDNs in an exact version: fetched once. Script tags of other origins make opaque requests,
 * so all runtimes are requested by CORS, which these CDNs allow for every origin.
 */
export const runtimeRules: AnswerRules = {
  kind: 'runtimes',
  most: 40,
  largest: 256 * 2 ** 20,
  isKept: ({ status, type }) => status === 200 && type !== 'opaque',
  isFresh: () => true,
  ask: ({ url }) => new Request(url, { mode: 'cors', credentials: 'omit' }),
  // Streaming compilation requires a content type that not every CDN sends.
  typed: true,
}
