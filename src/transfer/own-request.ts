// The page's own request to a plain server, used in place of modelferry's question about the file. A response that
// cannot be kept reaches the page unchanged and is not fetched twice. Used by answer-page.ts. See docs/decisions/0087.
import { FerryError } from '../core/index.ts'
import { capabilities } from '../platform/index.ts'
import { isOfHub } from '../address/index.ts'
import { noAnswerError, readAtMost, type Fetch, type ResponseHead } from '../net/index.ts'
import type { OwnResponse } from '../protocol/index.ts'
import { isPage, isSmall, smallFileLimit } from '../reconstruction/index.ts'
import { isWhole, sendsCookies } from './page-request.ts'

/** Time for a download to take a body, milliseconds. */
const takeMs = 3000

/** The response of a page's own request: it is read for the device, or handed on to the page. */
export class OwnRequest implements OwnResponse {
  readonly #request: Request
  readonly #hasCookies: boolean
  readonly #connection = new AbortController()
  #opened: Promise<ResponseHead | undefined> | undefined
  #response: Response | undefined
  #copy: Response | undefined
  /** Whether the page or a download has the response, or waits for it. */
  #given = false

  /**
   * @param request of the page
   * @param origin of the page
   * @returns undefined where its response would not answer a question about the whole file
   */
  static of(request: Request, origin: string): OwnRequest | undefined {
    const { url, mode, cache, integrity } = request
    const whole = isWhole(request) && cache !== 'force-cache'
    return whole && mode === 'cors' && !integrity && !isOfHub(url)
      ? new OwnRequest(request, sendsCookies(request, origin))
      : undefined
  }

  private constructor(request: Request, hasCookies: boolean) {
    this.#request = request
    this.#hasCookies = hasCookies
  }

  open(): Promise<ResponseHead | undefined> {
    return (this.#opened ??= this.#send())
  }

  async #send(): Promise<ResponseHead | undefined> {
    const { referrer, referrerPolicy, credentials, signal } = this.#request
    const response = await fetch(this.#request, {
      referrer,
      referrerPolicy,
      credentials: this.#hasCookies ? 'omit' : credentials,
      // A response of the HTTP cache has an unknown age, and may be joined from two. Mode `reload` would delete the
      // cached response before the server has answered.
      cache: 'no-store',
      signal: AbortSignal.any([signal, this.#connection.signal]),
    }).catch(() => undefined)
    if (!response) return undefined
    this.#response = response
    // A small body is read to learn whether it is the file. Afterwards the page may still have to get it.
    if (isSmall(response)) this.#copy = response.clone()
    const { status, statusText, headers, url, redirected, type } = response
    return { status, statusText, headers: [...headers], url, redirected, type }
  }

  async body(): ReturnType<OwnResponse['body']> {
    const copy = this.#copy
    this.#copy = undefined
    // A larger file has a certain length, which shows a cut. The byte beyond the limit shows that a body is not small.
    if (copy && !capabilities.fedBodies) return (await readAtMost(copy, smallFileLimit + 1)).bytes
    return (copy ?? this.#handOver())?.body ?? null
  }

  /**
   * The untouched response for the page. Where the server has not answered yet, the page waits as without modelferry.
   *
   * @returns undefined when the page's request must be made again
   */
  async take(): Promise<Response | undefined> {
    this.#given = true
    if (this.#hasCookies && !this.#response) this.#connection.abort()
    // A question that comes later gets nothing.
    await (this.#opened ??= Promise.resolve(undefined))
    const response = this.#handOver()
    void this.#copy?.body?.cancel()
    this.#copy = undefined
    if (!response || this.#isForPage(response)) return response
    this.#connection.abort()
    return undefined
  }

  /** Ends the request when no download reads its body in time. */
  drop(): void {
    this.#opened ??= Promise.resolve(undefined)
    setTimeout(() => {
      if (!this.#given) this.#connection.abort()
    }, takeMs)
  }

  #handOver(): Response | undefined {
    const response = this.#response
    this.#response = undefined
    if (response) this.#given = true
    return response
  }

  /** With its cookies the page might get another response; and one that the HTTP cache would hold belongs there. */
  #isForPage(response: Response): boolean {
    const { ok, redirected, headers } = response
    const control = headers.get('cache-control') ?? ''
    // Headers by which a browser may use a stored response without asking its server (RFC 9111, section 4.2).
    const lasts =
      /max-age|immutable|stale/i.test(control) ||
      headers.has('last-modified') ||
      headers.has('expires')
    if (ok && lasts && !/no-store|no-cache/i.test(control)) return false
    if (!this.#hasCookies) return true
    const plain = ok && !redirected && !isPage(response, this.#request.url)
    return plain && !/no-store|private|cookie|\*/i.test(`${control} ${headers.get('vary')}`)
  }
}

/**
 * The same `fetch`, whose first response is the page's own one, if its request did not fail. Its body is taken from its
 * owner when the first byte is read.
 */
export function ownFirst(own: OwnResponse, fetch: Fetch): Fetch {
  let first = true
  return async (url, init) => {
    const signal = init?.signal ?? undefined
    const head = first ? await own.open(signal).catch(() => undefined) : undefined
    first = false
    signal?.throwIfAborted()
    if (!head || nullBody.includes(head.status)) return await fetch(url, init)
    let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined
    const cancel = async (reason: unknown): Promise<void> =>
      void reader?.cancel(reason).catch(() => undefined)
    // The request itself has another owner.
    signal?.addEventListener('abort', () => void cancel(signal.reason), { once: true })
    const read = async (): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> => {
      if (!reader) {
        const body = new Response(await own.body(signal)).body
        if (!body) throw new TypeError('The body is gone.')
        reader = body.getReader()
        if (signal?.aborted) await cancel(signal.reason)
      }
      return await reader.read()
    }
    const headers = new Headers(head.headers as HeadersInit)
    // `attempt` makes a Response of it.
    return {
      ...head,
      headers,
      body: { getReader: () => ({ read, cancel }) },
    } as unknown as Response
  }
}

const nullBody = [204, 205, 304]

/**
 * The same `fetch` for a page's request without a stored answer: a network failure is passed on at once, and the
 * page's own request is the second try.
 */
export function atOnce(fetch: Fetch): Fetch {
  return async (url, init) => {
    try {
      return await fetch(url, init)
    } catch (cause) {
      if (init?.signal?.aborted || cause instanceof FerryError) throw cause
      throw noAnswerError(url, cause)
    }
  }
}
