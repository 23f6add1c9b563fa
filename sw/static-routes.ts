import { type SwParameters, weightEndings } from '../src/core/index.ts'
import { optionsPingPath, pingPath } from '../src/protocol/index.ts'

/** Parts of a URL pattern, `*` for any; omitted parts match anything (URL Pattern, section on constructor strings). */
export interface Place {
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
