// Decides from a request alone whether and how modelferry answers it. The fetch handler in attach.ts calls it.
import {
  fileMatcher,
  isRuntime,
  metadataMatcher,
  hasSecret,
  wildcard,
  weightEndings,
} from '../src/address/index.ts'
import type { SwParameters } from '../src/platform/index.ts'
import { isFileRequest } from '../src/transfer/index.ts'
import { ownFragment } from '../src/net/index.ts'
import { pingPath, optionsPingPath } from '../src/protocol/index.ts'

/** The parts of a request that identify a navigation. */
interface VisitRequest {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly destination: RequestDestination
}

/** The last part of a URL that names a file, not a client-side route. */
const fileName = /\.(?!html?$)[a-z][a-z\d]{0,7}$/i

/**
 * Whether a request is a navigation that a single-page app's fallback page may answer. It must load the whole tab (a
 * frame may be anything), be a GET, and have a path that does not name a file. For a file, the browser's own error is
 * the better answer.
 */
export function isAppVisit({ url, method, mode, destination }: VisitRequest): boolean {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  return (
    method === 'GET' && mode === 'navigate' && destination === 'document' && !fileName.test(path)
  )
}

/** The parts of a request that are known synchronously. */
interface RoutedRequest {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly destination: RequestDestination
  readonly cache: RequestCache
  readonly credentials: RequestCredentials
  readonly headers: Pick<Headers, 'has'>
}

/** What the service worker answers; each test uses the URL alone. */
interface RouteTable {
  /** The service worker's scope. */
  readonly scope: string
  readonly isFile: (url: string) => boolean
  readonly isMetadata: (url: string) => boolean
  readonly isRuntime: (url: string) => boolean
  readonly isShell: (url: string) => boolean
  /** Whether there is a fallback page. */
  readonly hasFallback: boolean
  /** Whether libraries look for model files at this URL, although the app may have none. */
  readonly isGuarded: (url: string) => boolean
}

/** Headers that make a response specific to one request. */
const special = ['range', 'if-range', 'if-none-match', 'if-modified-since']

/**
 * Decides how a request is answered, from its properties alone: a service worker must decide before it can look
 * anything up. Other requests are left to the browser unchanged.
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
  const plain = !visit && special.every((name) => !request.headers.has(name))
  if (table.isMetadata(url)) return plain && request.credentials !== 'include' ? 'metadata' : 'pass'
  if (method === 'HEAD') return 'pass'
  // A response to a request with a credential is for one user. A navigation is looked up without its query.
  const personal = request.headers.has('authorization') || (!visit && hasSecret(url))
  // A script tag of another origin includes credentials; a CDN ignores them.
  if (table.isRuntime(url)) return plain && !personal ? 'runtime' : 'pass'
  if (personal) return table.isGuarded(url) ? 'guard' : 'pass'
  if (table.isShell(url)) return 'shell'
  if (visit) return table.hasFallback && isAppVisit(request) ? 'visit' : 'pass'
  return table.isGuarded(url) ? 'guard' : 'pass'
}

/**
 * How a request is answered: with a model file, hub metadata, a runtime, a file of the app, the app's fallback page
 * when the network fails, or a ping; from the network but with a 404 in place of a web page (`guard`); or not at all.
 */
export type Decision =
  | 'file'
  | 'metadata'
  | 'runtime'
  | 'shell'
  | 'visit'
  | 'ping'
  | 'guard'
  | 'pass'

/** Maximum number of remembered folders; a restart of the service worker clears them. */
const mostFolders = 100

/**
 * Recognises weights in `.bin` files of the app itself. The extension is too common, so a file counts only in a
 * folder whose model description was requested before.
 */
class WeightShards {
  readonly #origin: string
  readonly #folders = new Set<string>()

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Whether a URL is such a file. Call it for all URLs, because it learns from them. */
  isShard(url: string): boolean {
    const path = url.split(/[?#]/, 1)[0] ?? ''
    if (!path.startsWith(`${this.#origin}/`)) return false
    const cut = path.lastIndexOf('/') + 1
    const [folder, name] = [path.slice(0, cut), path.slice(cut)]
    if (name === 'model.json' || name === 'tensor-cache.json') {
      if (this.#folders.size >= mostFolders) this.#folders.clear()
      this.#folders.add(folder)
    }
    return name.endsWith('.bin') && this.#folders.has(folder)
  }
}

/** Local model files that transformers.js requests before it asks a hub; pages have other extensions. */
const local = /^\/models\/[^/]+\/.+\.(?!html?$)\w+$/

/**
 * Builds the route table from the parameters.
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
    isMetadata: metadataMatcher(hubs),
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

/** Parts of a URL pattern, `*` for any; omitted parts match anything (URL Pattern, section on constructor strings). */
interface Place {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
}

/**
 * Names of the app's own files that may be model files, external data included; model descriptions are only
 * inspected.
 */
const ownNames = [
  ...weightEndings.map((ending) => `*${ending}*`),
  '*.bin',
  '*/model.json',
  '*/tensor-cache.json',
  '/models/*',
]

const runtimeBases = [
  'https://cdn.jsdelivr.net/npm/*',
  'https://unpkg.com/*',
  'https://raw.githubusercontent.com/*',
]

/**
 * Patterns that cover all requests that {@link route} may answer, and more: the service worker must decide about
 * those, while all others need not start it. Navigations are excluded by their mode, not here.
 * @param script URL of the service worker
 * @returns undefined when that is impossible: a pattern has no fixed host
 */
export function staticRoutes(
  parameters: SwParameters,
  scope: string,
  script: string,
): Place[] | undefined {
  const { hubs, files, shell, runtimes = true, navigateFallback } = parameters
  const { origin } = new URL(scope)
  const patterns = [
    ...hubs.map((hub) => `${hub.replace(/\/+$/, '')}/*`),
    ...files,
    ...shell,
    ...(navigateFallback ? [navigateFallback] : []),
    ...(runtimes ? runtimeBases : []),
    scope + pingPath,
    scope + optionsPingPath(script),
  ]
  const places = patterns.map(placeOf)
  if (!places.every((place) => place !== undefined)) return undefined
  const own = placeOf(`${origin}/*`)!
  return [...places, ...ownNames.map((pathname) => ({ ...own, pathname }))]
}

/** The pattern of all URLs that share the prefix before the first `*`. */
function placeOf(pattern: string): Place | undefined {
  const [, base = '', path] = /^(https?:\/\/[^/*?#]+)(\/[^?#]*)?/.exec(pattern) ?? []
  if (path === undefined || !URL.canParse(base)) return undefined
  const { protocol, hostname, port } = new URL(base)
  const [start = '', open] = path.split('*', 2)
  const escaped = start.replaceAll(/[\\:{}()+?*]/g, String.raw`\$&`)
  const host = hostname.replaceAll(/[[\]:]/g, String.raw`\$&`)
  return {
    protocol: protocol.slice(0, -1),
    hostname: host,
    port,
    pathname: open === undefined ? escaped : `${escaped}*`,
  }
}

interface Condition {
  readonly urlPattern?: URLPattern
  readonly requestMethod?: string
  readonly requestMode?: RequestMode
  readonly or?: readonly Condition[]
  readonly not?: Condition
}

/** Supported by some browsers only (Service Workers, section on InstallEvent.addRoutes). */
interface RoutingEvent extends ExtendableEvent {
  addRoutes?(rules: readonly { condition: Condition; source: 'network' }[]): Promise<void>
}

/**
 * Tells the browser which requests modelferry never answers, so that it does not start the service worker for them.
 * Browsers without this feature start the worker, which ignores those requests.
 *
 * @param event while the service worker is installed
 * @param scope absolute, as registered
 * @param script URL of the service worker
 */
export async function addRoutes(
  event: RoutingEvent,
  parameters: SwParameters,
  scope: string,
  script: string,
): Promise<void> {
  const methods = [{ requestMethod: 'GET' }, { requestMethod: 'HEAD' }]
  try {
    const places = staticRoutes(parameters, scope, script)?.map((place) => ({
      urlPattern: new URLPattern({ ...place }),
    }))
    const visits = parameters.navigateFallback ? [{ requestMode: 'navigate' as const }] : []
    const elsewhere = places ? [{ not: { or: [...places, ...visits] } }] : []
    const never = [{ not: { or: methods } }, ...elsewhere]
    await event.addRoutes?.(never.map((condition) => ({ condition, source: 'network' })))
  } catch {
    // The browser supports other conditions.
  }
}
