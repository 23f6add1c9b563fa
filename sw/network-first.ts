import { grantOf, addressOf, joinCredential, sendsCookies } from '../src/address/index.ts'
import { answerCache, answerKey, type AnswerKind } from '../src/platform/index.ts'
import { withTimeout } from '../src/core/index.ts'
import { isTransient } from '../src/net/index.ts'
import { contentTypeOf, isFresh } from '../src/transfer/index.ts'

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
  readonly isFresh: (url: string, keptAt: number, now: number) => boolean
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
const networkMs = 4000
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
    const key = answerKey(url, isHead ? `HEAD${grant ?? ''}` : grant)
    const own = await this.#kept(key)
    const shared = await this.#keptForAll(url)
    // Else a HEAD would go on to miss a file that a GET has found.
    const kept = isHead && !own?.ok ? (shared ?? own) : (own ?? shared)
    // A credential may have been withdrawn: the hub is asked, as long as it answers.
    const cached = request.cache === 'default' || request.cache === 'force-cache'
    const at = Number(kept?.headers.get(keptAtHeader))
    const fresh = credential === undefined && cached && this.#rules.isFresh(url, at, Date.now())
    const hit = (kept: Response): Response => given(kept, isHead, 'hit')
    if (kept && fresh) return hit(kept)
    const running = this.#asked.get(key)
    const asking = running ?? this.#ask(key, url, request)
    try {
      const answer = await (kept ? withTimeout(asking, networkMs, 'The network is slow.') : asking)
      if (kept && isTransient(answer.status)) return hit(kept)
      if (!(answer instanceof Response)) return given(answer, isHead)
      const unauthorized = [401, 403].includes(answer.status) && sendsCookies(request, this.#origin)
      // The response of another request, whose body must not be read here.
      const others = running !== undefined
      return unauthorized || others ? await this.#fetch(request) : answer
    } catch (error) {
      asking.catch(() => undefined)
      if (kept) return hit(kept)
      throw error
    }
  }

  /** @returns the response itself when it cannot be stored */
  #ask(key: string, url: string, request: Request): Promise<Response | Answer> {
    const asked = this.#load(key, url, request).finally(() => this.#asked.delete(key))
    this.#asked.set(key, asked)
    return asked
  }

  async #load(key: string, url: string, request: Request): Promise<Response | Answer> {
    const { isKept, largest, ask, typed } = this.#rules
    const response = await this.#fetch(ask?.(request) ?? request)
    const { status } = response
    if ([401, 403].includes(status)) await this.#change((cache) => cache.delete(key))
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
    if (body.size <= largest) await this.#change((cache) => this.#keep(cache, key, answer))
    return answer
  }

  async #keep(cache: Cache, key: string, { status, headers, body }: Answer): Promise<void> {
    const marked = new Headers(headers)
    marked.set(keptAtHeader, String(Date.now()))
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

  /** The public response. A public 404 is returned only to requests without a credential. */
  async #keptForAll(url: string): Promise<Response | undefined> {
    const kept = await this.#kept(url)
    return kept?.ok ? kept : undefined
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
export const noteRules: AnswerRules = {
  kind: 'notes',
  most: 500,
  largest: 4 * 2 ** 20,
  isKept: ({ status, headers }) => {
    // A missing repository or revision may be pushed later, with this very commit.
    const error = headers.get('x-error-code') ?? 'EntryNotFound'
    return status === 200 || (status === 404 && error === 'EntryNotFound')
  },
  isFresh: (url, checkedAt, now) => isFresh({ url, checkedAt }, now),
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
