/** The interface of `env.customCache` in transformers.js. */
export interface TransformersCache {
  match(url: string): Promise<Response | undefined>
  put(url: string, response: Response): Promise<void>
  delete(url: string): Promise<boolean>
}

/** The used part of the connection. */
interface Holder {
  readonly controlled: boolean
  holds(url: string): Promise<boolean>
  fetch(url: string): Promise<Response>
  remove(url: string): Promise<boolean>
}

/**
 * A cache for transformers.js that contains the files of modelferry: the library finds them there, learns sizes
 * without the network, and stores no second copy. Files that are not on the device yet are fetched as without a
 * cache.
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
      // The library does not read the body of many responses. Those of the service worker cost nothing then.
      const response = await (ferry.controlled ? fetch(url) : ferry.fetch(url))
      return response.status === 200 ? response : undefined
    },
    async put(_url, { body }) {
      // Both halves of a cloned response must end before this one, so nothing may wait for it.
      void body?.cancel().catch(() => undefined)
    },
    delete: (url) => ferry.remove(url),
  }
}
