import { type SwParameters, weightEndings } from '../src/core/index.ts'
import { optionsPingPath, pingPath } from '../src/protocol/index.ts'

/** Parts of addresses, each `*` for any; parts left out are any (URL Pattern, section on constructor strings). */
export interface Place {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
}

/**
 * Of the app's own files, what may be ours by its name, or by how it goes on as external data does; a description
 * of a model is only looked at.
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
 * Where all requests lie that {@link route} may answer, and many more: it has to be asked about those, while
 * whatever lies elsewhere need not start a service worker. Visits are told apart by their mode, not here.
 *
 * @param scope absolute, as registered
 * @param script address of the service worker
 * @returns undefined when that cannot be told: a pattern leaves its host open
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

/** A place in which everything lies that begins like the pattern, up to its first `*`. */
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

/** Of some browsers only (Service Workers, section on InstallEvent.addRoutes). */
interface RoutingEvent extends ExtendableEvent {
  addRoutes?(rules: readonly { condition: Condition; source: 'network' }[]): Promise<void>
}

/**
 * Tells the browser which requests can never be ours, so that it does not start the service worker for them.
 * Where it cannot be told so, it starts the worker, which leaves them alone.
 *
 * @param event while the service worker is installed
 * @param scope absolute, as registered
 * @param script address of the service worker
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
    // A browser that knows another language of conditions than this one.
  }
}
