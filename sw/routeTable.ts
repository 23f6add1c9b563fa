import { fileMatcher } from '../src/core/fileMatcher.ts'
import { isRuntime } from '../src/core/isRuntime.ts'
import { noteMatcher } from '../src/core/noteMatcher.ts'
import type { SwParameters } from '../src/core/swParameters.ts'
import { wildcard } from '../src/core/wildcard.ts'
import type { RouteTable } from './route.ts'
import { Shards } from './Shards.ts'

/** Files beside a model, where transformers.js looks before it asks a hub; a page's name ends otherwise. */
const local = /^\/models\/[^/]+\/.+\.(?!html?$)\w+$/

/**
 * What the service worker answers, from what it was told.
 *
 * @param scope absolute, as registered
 */
export function routeTable(parameters: SwParameters, scope: string): RouteTable {
  const { origin } = new URL(scope)
  const { hubs, shell, runtimes = true, navigateFallback } = parameters
  const patterns = shell.map(wildcard)
  const isFile = fileMatcher({ origin, ...parameters })
  const shards = new Shards(origin)
  return {
    scope,
    isFile: (url) => shards.isShard(url) || isFile(url),
    isNote: noteMatcher(hubs),
    isRuntime: (url) => runtimes && isRuntime(url),
    isShell: (url) => {
      const path = url.split(/[?#]/, 1)[0] ?? ''
      return path === navigateFallback || patterns.some((pattern) => pattern.test(path))
    },
    hasFallback: !!navigateFallback,
    isGuarded: (url) => {
      const path = url.split(/[?#]/, 1)[0] ?? ''
      return path.startsWith(`${origin}/`) && local.test(path.slice(origin.length))
    },
  }
}
