// Answers requests for the app's own files, so that the app starts offline.
import { withTimeout } from '../src/core/index.ts'
import { pageInsteadOfModel } from '../src/reconstruction/index.ts'
import { refused } from '../src/transfer/index.ts'
import { networkWaitMs } from './network-first.ts'
import { isAppVisit } from './route.ts'
import { cacheNames } from 'workbox-core/cacheNames.js'

/**
 * Answers requests for the app's own files: network first, the cache when the network fails. The cache name comes
 * from workbox-core, so that two service workers of one origin do not collide. Responses with `no-store` or `private`
 * are never stored, and no navigation with a query is: its URL may contain a one-time code, or its page may be for
 * one user.
 */
export class Shell {
  readonly #name = `${cacheNames.prefix}-shell-${cacheNames.suffix}`
  readonly #fetch: typeof fetch
  readonly #page: string | false | undefined

  /** @param page URL of the stored fallback page of navigations; none by default */
  constructor(network: typeof fetch, page?: string | false) {
    this.#fetch = network
    this.#page = page
  }

  /** @param keepAlive receives the promise of storing, which continues after the response */
  async answer(request: Request, keepAlive: (work: Promise<unknown>) => void): Promise<Response> {
    const kept = await this.#match(request, request.mode === 'navigate')
    const network = this.#fetch(request)
    try {
      const response = await (kept ? withTimeout(network, networkWaitMs, '') : network)
      const oneTime = request.mode === 'navigate' && request.url.includes('?')
      if (isWhole(response) && !oneTime) keepAlive(this.#store(request, response.clone()))
      // The response of a reachable server is used, also a redirect or a 404; not the redirect of `pageFetch` without network.
      const isDown = response.status >= 500 || (response.status === 302 && !navigator.onLine)
      return kept && isDown ? kept : response
    } catch (error) {
      const given = kept ?? (await this.#fallback(request))
      if (given) return given
      throw error
    }
  }

  /**
   * Answers a navigation to a URL that is not stored: with the network's response, or with the fallback page when the
   * network fails. There is no timeout for a slow network, because the stored page may be the wrong one.
   *
   * @param keepAlive as for {@link answer}
   */
  async visit(request: Request, keepAlive: (work: Promise<unknown>) => void): Promise<Response> {
    try {
      const response = await this.#fetch(request)
      // Otherwise a user who only follows deep links would get the app of the first visit when offline.
      if (response.ok) keepAlive(this.#renewPage())
      return response
    } catch (error) {
      const page = await this.#fallback(request)
      if (page) return page
      throw error
    }
  }

  /**
   * Stores files that were loaded before the service worker was in control.
   *
   * @returns number of stored files
   */
  async keep(urls: readonly string[]): Promise<number> {
    const kept = await Promise.all(
      urls.map(async (url) => {
        const request = new Request(url)
        if (await this.#match(request)) return true
        const response = await this.#fetch(url).catch(() => undefined)
        return !!response && isWhole(response) && (await this.#store(request, response))
      }),
    )
    return kept.filter(Boolean).length
  }

  async #fallback(request: Request): Promise<Response | undefined> {
    if (!this.#page || !isAppVisit(request)) return undefined
    return await this.#match(new Request(this.#page), true)
  }

  /**
   * The stored response. `Vary: Origin` is ignored: the app's own files are the same for every page of its origin,
   * but module scripts are requested with other headers than at the first visit.
   *
   * @param ignoreSearch for a navigation
   */
  async #match(request: Request, ignoreSearch: boolean = false): Promise<Response | undefined> {
    const cache = await caches.open(this.#name)
    const exact = await cache.match(request, { ignoreSearch })
    const varied = exact ? [] : await cache.matchAll(request, { ignoreSearch, ignoreVary: true })
    const kept = [exact, ...varied.filter(variesByOriginOnly)].find((one) => one && isKeepable(one))
    return kept && ignoreSearch ? unredirected(kept) : kept
  }

  async #renewPage(): Promise<void> {
    if (!this.#page) return
    const response = await this.#fetch(this.#page).catch(() => undefined)
    if (response && isWhole(response)) await this.#store(new Request(this.#page), response)
  }

  // Pages read their own files immediately, so a clone buffers little; model files are never cloned.
  /** @returns whether it was stored */
  async #store(request: Request, response: Response): Promise<boolean> {
    try {
      const cache = await caches.open(this.#name)
      if (isKeepable(response)) {
        await cache.put(request, response)
        return true
      }
      await response.body?.cancel()
      await cache.delete(request, { ignoreVary: true })
    } catch {
      // No space, or `Vary: *`, which a cache refuses.
    }
    return false
  }
}

/** Whether a response may be reused, possibly for another user of this device (RFC 9111, section 5.2.2). */
function isKeepable({ headers }: Response): boolean {
  return !/\b(?:no-store|private)\b/i.test(headers.get('cache-control') ?? '')
}

function variesByOriginOnly({ headers }: Response): boolean {
  return /^(?:\s*(?:origin|accept-encoding)\s*(?:,|$))*$/i.test(headers.get('vary') ?? '')
}

function isWhole(response: Response): boolean {
  return ['basic', 'cors'].includes(response.type) && response.status === 200
}

/** The same without the redirect flag: browsers refuse a redirected response for a navigation. */
function unredirected(response: Response): Response {
  const { redirected, body, status, headers } = response
  return redirected ? new Response(body, { status, headers }) : response
}

/**
 * The response, or a 404 in place of the web page that an app's server returns for every unknown URL. A page after a
 * redirect is one to sign in.
 */
export function withoutPage(response: Response): Response {
  const type = response.headers.get('content-type') ?? ''
  if (!response.ok || response.redirected || !/^text\/html\b/i.test(type)) return response
  response.body?.cancel().catch(() => undefined)
  return refused(pageInsteadOfModel())
}
