/** What transformers.js takes as `env.customCache`. */
export interface TransformersCache {
  match(url: string): Promise<Response | undefined>
  put(url: string, response: Response): Promise<void>
  delete(url: string): Promise<boolean>
}

/** What is asked of the connection. */
interface Holder {
  readonly controlled: boolean
  holds(url: string): Promise<boolean>
  fetch(url: string): Promise<Response>
  remove(url: string): Promise<boolean>
}

/**
 * A cache for transformers.js in which lies what modelferry holds: the library finds it there, learns sizes
 * without asking the network, and keeps nothing a second time. What is not on the device yet, it fetches as
 * it does without a cache.
 *
 * @param ferry the page's connection
 * @example
 * env.useBrowserCache = false
 * env.useCustomCache = true
 * env.customCache = transformersCache(ferry)
 */
export function transformersCache(ferry: Holder): TransformersCache {
  return {
    async match(url) {
      if (!(await ferry.holds(url))) return undefined
      // The library looks at many answers without reading them. The service worker's cost nothing then.
      const response = await (ferry.controlled ? fetch(url) : ferry.fetch(url))
      return response.status === 200 ? response : undefined
    },
    async put(_url, { body }) {
      // Of a cloned answer both halves have to end before this one does: nobody may wait for it.
      void body?.cancel().catch(() => undefined)
    },
    delete: (url) => ferry.remove(url),
  }
}
