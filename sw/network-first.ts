import { answerCache, type AnswerKind, sendsCookies, withTimeout } from '../src/core/index.ts'
import { isTransient } from '../src/net/index.ts'
import { contentTypeOf, isFresh } from '../src/transfer/index.ts'

/** Which answers are kept, and for how long they are given without asking again. */
export interface AnswerRules {
  readonly kind: AnswerKind
  /** More answers than these are not kept: the oldest goes. */
  readonly most: number
  /** A larger body is not kept, bytes. */
  readonly largest: number
  /** Whether an answer is worth keeping; a web page never is. */
  readonly isKept: (response: Response) => boolean
  /** @param keptAt epoch milliseconds, as is `now` */
  readonly isFresh: (url: string, keptAt: number, now: number) => boolean
  /** How a URL is asked for; default: by the page's own request. */
  readonly ask?: (request: Request) => Request
  /** Whether the content type follows from the name, not from what the server says. */
  readonly typed?: boolean
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Blob
}

/** How long the network may take before what is kept is given, milliseconds. */
const networkMs = 4000
const keptAtHeader = 'x-modelferry-kept-at'

/**
 * Whole answers of other servers, kept as they came and given again: while they are fresh, and for as long as
 * the network has nothing better. Two requests at once cost one. A body is read to its end before it is given:
 * one that was cut short is an error and never kept.
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

  /** @throws what the network throws, when nothing is kept */
  async answer(request: Request): Promise<Response> {
    const url = request.url.split('#', 1)[0] ?? ''
    const kept = await this.#kept(url)
    const trusting = request.cache === 'default' || request.cache === 'force-cache'
    if (kept && trusting && this.#isFresh(url, kept)) return given(kept, 'hit')
    const running = this.#asked.get(url)
    const asked = running ?? this.#ask(url, request)
    try {
      const late = `The network took longer than ${networkMs} ms.`
      const answer = await (kept ? withTimeout(asked, networkMs, late) : asked)
      if (kept && isTransient(answer.status)) return given(kept, 'hit')
      if (!(answer instanceof Response)) return given(answer)
      const stranger = [401, 403].includes(answer.status) && sendsCookies(request, this.#origin)
      // Another request's answer, whose body is not ours to read.
      const others = running !== undefined
      return stranger || others ? await this.#fetch(request) : answer
    } catch (error) {
      asked.catch(() => undefined)
      if (kept) return given(kept, 'hit')
      throw error
    }
  }

  #isFresh(url: string, { headers }: Response): boolean {
    return this.#rules.isFresh(url, Number(headers.get(keptAtHeader)), Date.now())
  }

  /** @returns the answer itself where it cannot be kept */
  #ask(url: string, request: Request): Promise<Response | Answer> {
    const asked = this.#load(url, request).finally(() => this.#asked.delete(url))
    this.#asked.set(url, asked)
    return asked
  }

  async #load(url: string, request: Request): Promise<Response | Answer> {
    const { isKept, largest, ask, typed } = this.#rules
    const response = await this.#fetch(ask?.(request) ?? request)
    const { status } = response
    if ([401, 403].includes(status)) await this.#change((cache) => cache.delete(url))
    const type = response.headers.get('content-type') ?? ''
    const length = Number(response.headers.get('content-length'))
    if (/^text\/html\b/i.test(type) || length > largest || !isKept(response)) return response
    const body = await response.blob()
    const headers = new Headers(response.headers)
    headers.delete('content-encoding')
    headers.set('content-length', String(body.size))
    if (typed) headers.set('content-type', contentTypeOf(url))
    const answer = { status, headers, body }
    if (body.size <= largest) await this.#change((cache) => this.#keep(cache, url, answer))
    return answer
  }

  async #keep(cache: Cache, url: string, { status, headers, body }: Answer): Promise<void> {
    const marked = new Headers(headers)
    marked.set(keptAtHeader, String(Date.now()))
    // A cache refuses what varies with everything; these requests all look alike.
    marked.delete('vary')
    await cache.put(url, new Response(body, { status, headers: marked }))
    const keys = await cache.keys()
    const over = keys.slice(0, Math.max(0, keys.length - this.#rules.most))
    await Promise.all(over.map((key) => cache.delete(key)))
  }

  async #kept(url: string): Promise<Response | undefined> {
    return await this.#change((cache) => cache.match(url))
  }

  /** A full or forbidden cache keeps nothing, and costs no answer. */
  async #change<T>(work: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(await caches.open(this.#name))
    } catch {
      return undefined
    }
  }
}

function given({ status, headers, body }: Response | Answer, label?: 'hit'): Response {
  const shown = new Headers(headers)
  shown.delete(keptAtHeader)
  if (label) shown.set('x-modelferry', label)
  return new Response(body, { status, headers: shown })
}

/**
 * Listings, pointers and small files of hubs, as they are told to anybody: believed as long as what a branch
 * leads to. That a file is missing is an answer too, since libraries ask for files that need not be there.
 */
export const noteRules: AnswerRules = {
  kind: 'notes',
  most: 500,
  largest: 4 * 2 ** 20,
  isKept: ({ status, headers }) => {
    // A repository or revision that is not there may be pushed, under this very commit.
    const error = headers.get('x-error-code') ?? 'EntryNotFound'
    return status === 200 || (status === 404 && error === 'EntryNotFound')
  },
  isFresh: (url, checkedAt, now) => isFresh({ url, checkedAt }, now),
  // Cookies would make of the answer one for whoever is signed in.
  ask: (request) => new Request(request, { credentials: 'omit' }),
}

/**
 * Runtimes from CDNs by exact version: asked for once. Script tags of other origins ask in a way that hides the
 * answer even from us, so that all are asked for by CORS, which these CDNs allow to everybody.
 */
export const runtimeRules: AnswerRules = {
  kind: 'runtimes',
  most: 40,
  largest: 256 * 2 ** 20,
  isKept: ({ status, type }) => status === 200 && type !== 'opaque',
  isFresh: () => true,
  ask: ({ url }) => new Request(url, { mode: 'cors', credentials: 'omit' }),
  // Streaming compilation insists on a type that not every CDN knows.
  typed: true,
}
