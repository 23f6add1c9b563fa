import { pageInsteadOfModel } from '../src/reconstruction/index.ts'
import { isAppVisit } from './route.ts'
import { cacheNames } from 'workbox-core/cacheNames.js'

/** How long the network may take before what is kept is given, milliseconds. */
const networkMs = 4000

/**
 * The app's own files: from the network while there is one, from the cache when there is none. Named through
 * workbox-core, so that two workers on one origin do not collide.
 */
export class Shell {
  readonly #name = `${cacheNames.prefix}-shell-${cacheNames.suffix}`
  readonly #fetch: typeof fetch
  readonly #page: string | false | undefined

  /** @param page address of the kept page that stands for visits; none by default */
  constructor(network: typeof fetch, page?: string | false) {
    this.#fetch = network
    this.#page = page
  }

  /** @param keepAlive is given the storing, which goes on after the answer */
  async answer(request: Request, keepAlive: (work: Promise<unknown>) => void): Promise<Response> {
    const kept = await this.#kept(request)
    const network = this.#fetch(request)
    try {
      const response = await (kept ? within(network, networkMs) : network)
      if (isWhole(response)) keepAlive(this.#store(request, response.clone()))
      // A server that is there has the say, also when it sends the page elsewhere or took it away.
      return kept && response.status >= 500 ? kept : response
    } catch (error) {
      network.catch(() => undefined)
      const given = kept ?? (await this.#standIn(request))
      if (given) return given
      throw error
    }
  }

  /**
   * A visit to an address that is not kept: the network's answer, whatever it is, and the app's page where there is
   * none. A slow network is one: what it would answer is not known.
   *
   * @param keepAlive as for {@link answer}
   */
  async visit(request: Request, keepAlive: (work: Promise<unknown>) => void): Promise<Response> {
    try {
      const response = await this.#fetch(request)
      // Who only ever comes by deep links would come back offline to the app of the first visit.
      if (response.ok) keepAlive(this.#renewPage())
      return response
    } catch (error) {
      const page = await this.#standIn(request)
      if (page) return page
      throw error
    }
  }

  /**
   * Keeps files that were loaded before the worker was in control.
   *
   * @returns how many are kept now
   */
  async keep(urls: readonly string[]): Promise<number> {
    const cache = await caches.open(this.#name)
    const kept = await Promise.all(
      urls.map(async (url) => {
        if (await cache.match(url)) return true
        const response = await this.#fetch(url).catch(() => undefined)
        if (!response?.ok) return false
        await cache.put(url, response)
        return true
      }),
    )
    return kept.filter(Boolean).length
  }

  async #kept(request: Request): Promise<Response | undefined> {
    const cache = await caches.open(this.#name)
    const visit = request.mode === 'navigate'
    const kept = await cache.match(request, { ignoreSearch: visit })
    return visit ? kept && unredirected(kept) : kept
  }

  async #standIn(request: Request): Promise<Response | undefined> {
    if (!this.#page || !isAppVisit(request)) return undefined
    const cache = await caches.open(this.#name)
    const page = await cache.match(this.#page, { ignoreSearch: true })
    return page && unredirected(page)
  }

  async #renewPage(): Promise<void> {
    if (!this.#page) return
    const request = new Request(this.#page)
    const response = await this.#fetch(request).catch(() => undefined)
    if (response && isWhole(response)) await this.#store(request, response)
  }

  // Pages read their own files at once, so that a clone buffers little; model files are never cloned.
  async #store(request: Request, response: Response): Promise<void> {
    const cache = await caches.open(this.#name)
    await cache.put(request, response)
  }
}

function isWhole(response: Response): boolean {
  return ['basic', 'cors'].includes(response.type) && response.status === 200
}

/** The same without its history: browsers refuse a visit an answer that came by a redirect. */
function unredirected(response: Response): Response {
  const { redirected, body, status, headers } = response
  return redirected ? new Response(body, { status, headers }) : response
}

async function within(network: Promise<Response>, ms: number): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The network is too slow.')), ms)
  })
  try {
    return await Promise.race([network, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The answer, or a 404 for the page that an app's server gives for every address it does not know. */
export function withoutPage(response: Response): Response {
  const type = response.headers.get('content-type') ?? ''
  if (!response.ok || !/^text\/html\b/i.test(type)) return response
  response.body?.cancel().catch(() => undefined)
  const { status, statusText, headers, body } = pageInsteadOfModel()
  return new Response(body, {
    status,
    statusText,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
}
