import { isFileRequest } from '../src/core/isFileRequest.ts'
import { ownFragment } from '../src/net/ownFragment.ts'
import { pingPath } from '../src/protocol/pingPath.ts'
import type { Decision } from './Decision.ts'
import { isAppVisit } from './isAppVisit.ts'

/** The parts of a request that can be seen at once. */
export interface RoutedRequest {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly destination: RequestDestination
  readonly cache: RequestCache
  readonly credentials: RequestCredentials
  readonly headers: Pick<Headers, 'has'>
}

/** What the service worker was told to answer; each tells by an address alone. */
export interface RouteTable {
  /** Where the service worker's scope begins. */
  readonly scope: string
  readonly isFile: (url: string) => boolean
  readonly isNote: (url: string) => boolean
  readonly isRuntime: (url: string) => boolean
  readonly isShell: (url: string) => boolean
  /** Whether there is a page that stands for others. */
  readonly hasFallback: boolean
  /** Where libraries look for files of a model, though an app may have none there. */
  readonly isGuarded: (url: string) => boolean
}

/** Headers that make of an answer one for this request alone. */
const special = ['authorization', 'range', 'if-range', 'if-none-match', 'if-modified-since']

/**
 * Whether a request is ours, from its shape alone: a service worker has to say so before it can look
 * anything up. What is not understood is left to the browser, untouched.
 */
export function route(request: RoutedRequest, table: RouteTable): Decision {
  const { url, method, mode, cache } = request
  if (url.endsWith(ownFragment)) return 'pass'
  if (url === table.scope + pingPath) return 'ping'
  if (method !== 'GET' && method !== 'HEAD') return 'pass'
  if (cache === 'only-if-cached') return 'pass'
  const visit = mode === 'navigate'
  if (table.isFile(url))
    return isFileRequest(request, new URL(table.scope).origin) ? 'file' : 'pass'
  if (method === 'HEAD') return 'pass'
  const plain = !visit && special.every((name) => !request.headers.has(name))
  if (table.isNote(url)) return plain && request.credentials !== 'include' ? 'note' : 'pass'
  // A script tag of another origin includes credentials; a CDN has no use for them.
  if (table.isRuntime(url)) return plain ? 'runtime' : 'pass'
  if (table.isShell(url)) return 'shell'
  if (visit) return table.hasFallback && isAppVisit(request) ? 'visit' : 'pass'
  return table.isGuarded(url) ? 'guard' : 'pass'
}
