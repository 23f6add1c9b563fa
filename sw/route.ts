import {
  fileMatcher,
  isFileRequest,
  isRuntime,
  noteMatcher,
  type SwParameters,
  wildcard,
} from '../src/core/index.ts'
import { ownFragment } from '../src/net/index.ts'
import { pingPath } from '../src/protocol/index.ts'

/** The parts of a request that tell a visit. */
export interface VisitRequest {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly destination: RequestDestination
}

/** What the last part of an address looks like that is a file's, and no route within an app. */
const fileName = /\.(?!html?$)[a-z][a-z\d]{0,7}$/i

/**
 * Whether a request is a visit for which a single-page app's one page may stand: the whole tab goes there (a frame
 * may be anything), it reads, and what it reads is no file, for which a browser's own words are the better answer.
 */
export function isAppVisit({ url, method, mode, destination }: VisitRequest): boolean {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  return (
    method === 'GET' && mode === 'navigate' && destination === 'document' && !fileName.test(path)
  )
}

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
  const ping = table.scope + pingPath
  if (url === ping || url.startsWith(`${ping}/`)) return 'ping'
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
  // An answer to a credential belongs to one user.
  if (request.headers.has('authorization')) return table.isGuarded(url) ? 'guard' : 'pass'
  if (table.isShell(url)) return 'shell'
  if (visit) return table.hasFallback && isAppVisit(request) ? 'visit' : 'pass'
  return table.isGuarded(url) ? 'guard' : 'pass'
}

/**
 * What becomes of a request: answered with a model file, with what a hub says about files, with a runtime, with
 * a file of the app, with the app's page when there is no network, with a sign of life; asked of the network but not believed when it is a page; or left alone.
 */
export type Decision = 'file' | 'note' | 'runtime' | 'shell' | 'visit' | 'ping' | 'guard' | 'pass'

/** Folders remembered at most; the service worker may forget all of them at any time. */
const most = 100

/**
 * Weights in `.bin` files of the app itself. The name says too little, so that one counts only beside a
 * description of a model that was asked for before.
 */
export class WeightShards {
  readonly #origin: string
  readonly #folders = new Set<string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Whether an address is such a file. To be asked about all addresses, since it learns from them. */
  isShard(url: string): boolean {
    const path = url.split(/[?#]/, 1)[0] ?? ''
    if (!path.startsWith(`${this.#origin}/`)) return false
    const cut = path.lastIndexOf('/') + 1
    const [folder, name] = [path.slice(0, cut), path.slice(cut)]
    if (name === 'model.json' || name === 'tensor-cache.json') {
      if (this.#folders.size >= most) this.#folders.clear()
      this.#folders.add(folder)
    }
    return name.endsWith('.bin') && this.#folders.has(folder)
  }
}

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
  const shards = new WeightShards(origin)
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
