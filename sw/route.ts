import { ownFragment } from '../src/net/ownFragment.ts'
import { pingPath } from '../src/protocol/pingPath.ts'
import type { Decision } from './Decision.ts'

/** The parts of a request that can be seen at once. */
export interface RoutedRequest {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly cache: RequestCache
}

/** What the service worker was told to answer. */
export interface RouteTable {
  /** Where the service worker's scope begins. */
  readonly scope: string
  readonly isFile: (url: string) => boolean
  readonly isShell: (url: string) => boolean
}

/**
 * Whether a request is ours, from its shape alone: a service worker has to say so before it can look
 * anything up. What is not understood is left to the browser, untouched.
 */
export function route(request: RoutedRequest, { scope, isFile, isShell }: RouteTable): Decision {
  const { url, method, mode, cache } = request
  if (url.endsWith(ownFragment)) return 'pass'
  if (url === scope + pingPath) return 'ping'
  if (method !== 'GET' && method !== 'HEAD') return 'pass'
  if (cache === 'only-if-cached') return 'pass'
  if (isFile(url)) return mode === 'navigate' ? 'pass' : 'file'
  return method === 'GET' && isShell(url) ? 'shell' : 'pass'
}
