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

  constructor(network: typeof fetch) {
    this.#fetch = network
  }

  /** @param keepAlive is given the storing, which goes on after the answer */
  async answer(request: Request, keepAlive: (work: Promise<unknown>) => void): Promise<Response> {
    const kept = await this.#kept(request)
    const network = this.#fetch(request)
    try {
      const response = await (kept ? within(network, networkMs) : network)
      if (response.ok && response.type === 'basic' && response.status === 200)
        keepAlive(this.#store(request, response.clone()))
      // A server that is there has the say, also when it sends the page elsewhere or took it away.
      return kept && response.status >= 500 ? kept : response
    } catch (error) {
      network.catch(() => undefined)
      if (kept) return kept
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
    return await cache.match(request, { ignoreSearch: request.mode === 'navigate' })
  }

  // Pages read their own files at once, so that a clone buffers little; model files are never cloned.
  async #store(request: Request, response: Response): Promise<void> {
    const cache = await caches.open(this.#name)
    await cache.put(request, response)
  }
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
