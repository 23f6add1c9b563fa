// Adds modelferry to a service worker: its options, its fetch handler and its channel. Called by script.ts and
// index.ts.
import { ownFragment } from '../src/net/index.ts'
import {
  AnsweringChannel,
  clientHeader,
  CredentialReferences,
  protocolNumber,
  encodeError,
  type Channel,
} from '../src/protocol/index.ts'
import { Files } from './files.ts'
import { Answers, metadataRules, runtimeRules } from './network-first.ts'
import { route, routeTable, type Decision } from './route.ts'
import { Shell, withoutPage } from './shell.ts'
import {
  decodeSwParameters,
  PolicyWatch,
  type SwParameters,
  withCspErrors,
} from '../src/platform/index.ts'
import { FerryError } from '../src/core/index.ts'
import type { FilePattern } from '../src/address/index.ts'
import { Bypass, ownRequestNotice, type SpareEngine } from '../src/transfer/index.ts'

/**
 * Adds modelferry's fetch handler and channel to a service worker.
 *
 * @param host the service worker's global scope
 * @param parameters which requests modelferry answers
 * @param engine for files that no loader serves; called when the first such file is requested
 */
export function attach(
  host: ServiceWorkerGlobalScope,
  parameters: SwParameters,
  engine: () => SpareEngine,
): void {
  const channel = new AnsweringChannel()
  const credentials = new CredentialReferences()
  const policy = new PolicyWatch(host)
  const refused = new Bypass()
  const network = pageFetch(host, channel, policy, refused)
  const files = new Files(host, channel, credentials, engine, parameters, policy, network)
  const { scope } = host.registration
  const metadata = new Answers(metadataRules, network, scope)
  const runtimes = new Answers(runtimeRules, network, scope)
  const shell = new Shell(network, parameters.navigateFallback)
  const reportUncontrolled = uncontrolledReporter(host, channel)
  const table = routeTable(parameters, scope)
  channel.answer({
    version: async ({ script }) =>
      script === host.location.href
        ? { protocol: protocolNumber, version: __VERSION__, build: __BUILD__ }
        : undefined,
    shell: async ({ script, urls }) => {
      if (script !== host.location.href) return undefined
      void reportUncontrolled().catch(() => undefined)
      return await shell.keep(urls)
    },
  })
  const answer = async (decision: Decision, event: FetchEvent): Promise<Response> => {
    const { request } = event
    const wait = (work: Promise<unknown>): void => event.waitUntil(work)
    switch (decision) {
      case 'ping': {
        files.ready()
        const client = await host.clients.get(event.clientId)
        const lent = await credentials.answer(request, client, parameters.worker)
        const headers = { [clientHeader]: event.clientId }
        return lent ?? new Response(null, { status: 204, headers })
      }
      case 'file':
        return await files.answer(request, event.clientId, wait)
      case 'metadata':
        return await metadata.answer(request)
      case 'runtime':
        // Responses of a CDN without CORS cannot be stored.
        return await runtimes.answer(request).catch(() => network(request))
      case 'shell': {
        const kept = await shell.answer(request, wait)
        return table.isGuarded(request.url) ? withoutPage(kept) : kept
      }
      case 'visit':
        return await shell.visit(request, wait)
      default:
        return withoutPage(await network(request))
    }
  }
  host.addEventListener('fetch', (event) => {
    // The engine's own requests go to the network, not to a router that the app registered later.
    if (event.request.url.endsWith(ownFragment)) event.stopImmediatePropagation()
    const { url, redirect, mode } = event.request
    const decision = route(event.request, table)
    // A redirect would not lead this request to the browser. Navigations are of this origin, and have a page for offline use.
    const isLeft = redirect !== 'follow' && mode !== 'navigate' && refused.passesRepository(url)
    if (decision === 'pass' || isLeft) return
    let give: ((response: Promise<Response>) => void) | undefined
    try {
      event.respondWith(new Promise((resolve) => (give = resolve)))
    } catch {
      // An earlier listener has answered.
      return
    }
    event.stopImmediatePropagation()
    give?.(answer(decision, event))
  })
}

/**
 * `fetch` for the page's own requests. The browser makes those of a service worker under the policy of the service
 * worker's file. Where that refuses one, the response is a redirect to the same URL with the fragment that `route`
 * passes. The browser then makes the request itself, under the page's policy, as without a service worker.
 *
 * @param refused receives what was refused; other redirect modes than `follow` fail once, and are then not answered
 * Sources: Fetch, sections on HTTP fetch (a redirect by a service worker goes through it again) and on HTTP-redirect fetch.
 */
export function pageFetch(
  host: Pick<ServiceWorkerGlobalScope, 'fetch' | 'location'>,
  channel: Pick<Channel, 'emit'>,
  policy: Pick<PolicyWatch, 'refusal' | 'refused'>,
  refused: Bypass,
): typeof fetch {
  return async (input, init) => {
    const { url, redirect } = input instanceof Request && !init ? input : new Request(input, init)
    const follows = redirect === 'follow'
    const toBrowser = (): Response => Response.redirect((url.split('#', 1)[0] ?? '') + ownFragment)
    if (follows && refused.passesRepository(url)) return toBrowser()
    try {
      const { pathname } = host.location
      return await withCspErrors(() => host.fetch(input, init), policy, pathname)(url)
    } catch (error) {
      const fault = encodeError(error)
      if (fault.code !== 'policy') throw error
      const message = `${fault.message} The browser applies this policy until the service worker's file changes. ${ownRequestNotice}`
      if (refused.addRepository(url)) channel.emit({ name: 'fault', detail: { ...fault, message } })
      if (follows) return toBrowser()
      throw error
    }
  }
}

/** Options of `install` for an app's own service worker; every field has a default. */
export interface InstallOptions {
  /** Endpoints whose resolve URLs are model files. Default: `['https://huggingface.co']`. */
  readonly hubs?: readonly string[]
  /** Further files, as in `connect()`: whole URLs, or paths of this site, in which `*` matches anything. Default: none. */
  readonly files?: readonly FilePattern[]
  /** Paths of the app itself to store for offline use; `*` matches anything. Default: none. */
  readonly shell?: readonly string[]
  /** The page for navigations that the network cannot answer, as in `connect()`. Default: none. */
  readonly navigateFallback?: string | false
  /** Whether runtimes from known CDNs are stored, by version. Default: true. */
  readonly runtimes?: boolean
  /**
   * URL of the loader worker file, on the origin of the service worker. The file is stored, because a page cannot
   * connect offline without it, and `modelferry-sw.js` imports its engine from it. `false`: the host stores the file,
   * and requests that need an engine go to the network while no loader is open. Default: `modelferry-worker.js` in
   * the folder of the service worker.
   */
  readonly worker?: string | false
  /** As in `connect()`, for the files that no loader serves. Default: true. */
  readonly xet?: boolean | undefined
  /** As in `connect()`, for the files that no loader serves. Default: none. */
  readonly endpoints?: Readonly<Record<string, string>> | undefined
}

/**
 * Reads the options that connect() wrote into the script URL; none when the app registered the script itself.
 *
 * @param script URL of the service worker
 * @throws FerryError `configuration` when the URL names a loader worker of another origin
 */
export function askedOptions(script: string): InstallOptions {
  const { worker, navigateFallback = false, ...asked } = decodeSwParameters(script)
  // An app's own script may have a parameter of that name; connect() writes an absolute URL.
  if (worker === undefined || !URL.canParse(worker)) return {}
  return { ...asked, worker: sameOrigin(worker, script), navigateFallback }
}

/**
 * Adds defaults and makes URLs absolute.
 *
 * @param script URL of the service worker
 * @throws FerryError `configuration` for a loader worker of another origin: its code would run in this one
 */
export function installParameters(options: InstallOptions, script: string): SwParameters {
  const { hubs = ['https://huggingface.co'], files = [], shell = [], runtimes = true } = options
  const { worker: given = 'modelferry-worker.js', navigateFallback, xet, endpoints } = options
  const worker = given === false ? undefined : sameOrigin(given, script)
  const { origin } = new URL(script)
  // `new URL` would resolve dots in a pattern and escape its characters.
  const absolute = (path: string): string => (path.startsWith('/') ? origin + path : path)
  return {
    hubs: hubs.map((hub) => absolute(hub).replace(/\/+$/, '')),
    files: files.map((file) =>
      typeof file === 'string' ? absolute(file) : `${absolute(file.match)} ${absolute(file.key)}`,
    ),
    shell: [...new Set([...(worker === undefined ? [] : [worker]), ...shell.map(absolute)])],
    ...(worker !== undefined && { worker }),
    runtimes,
    ...(navigateFallback && { navigateFallback: new URL(navigateFallback, script).href }),
    xet,
    endpoints,
    origin,
  }
}

function sameOrigin(worker: string, script: string): string {
  const { origin, href } = new URL(worker, script)
  if (origin === new URL(script).origin) return href
  throw new FerryError(
    'configuration',
    `"worker" is not on the origin of the service worker (${href}): copy it.`,
  )
}

/** The visible properties of a page or worker of this origin. */
export type ClientView = Pick<Client, 'id' | 'type' | 'url'>

/**
 * Workers whose requests bypass the service worker, because they were started before it controlled their page: in
 * Firefox workers of a `blob:` URL, in other browsers workers that were just starting. The browser does not tell
 * which page a worker belongs to. So the result is empty while an uncontrolled window is open: the worker may belong
 * to it.
 *
 * @param all all clients of the origin
 * @param ours the clients that this service worker controls
 * @param scope absolute; workers with a file outside of it never count
 */
export function uncontrolledWorkers(
  all: readonly ClientView[],
  ours: readonly ClientView[],
  scope: string,
): readonly ClientView[] {
  const known = new Set(ours.map(({ id }) => id))
  const others = all.filter(({ id }) => !known.has(id))
  if (others.some(({ type }) => type === 'window')) return []
  return others.filter(
    ({ type, url }) => type === 'worker' && (url.startsWith('blob:') || url.startsWith(scope)),
  )
}

/**
 * Reports each worker whose requests bypass the service worker, once, as a `fault` to the pages.
 *
 * @returns a function that checks; call it when a page has connected, because such workers start before that
 */
export function uncontrolledReporter(
  host: ServiceWorkerGlobalScope,
  channel: Channel,
): () => Promise<void> {
  const reported = new Set<string>()
  return async () => {
    const { clients, registration } = host
    const all = await clients.matchAll({ type: 'all', includeUncontrolled: true })
    const ours = await clients.matchAll({ type: 'all' })
    const names = new Set<string>()
    for (const { id, url } of uncontrolledWorkers(all, ours, registration.scope)) {
      // It may have ended since the first look.
      if (reported.has(id) || !(await clients.get(id))) continue
      reported.add(id)
      names.add(url.startsWith('blob:') ? 'blob:' : new URL(url).pathname)
    }
    if (names.size === 0) return
    const fault = new FerryError(
      'worker',
      `A worker started before its page was controlled bypasses modelferry (${[...names].join(', ')}). Start it after \`await connect()\` or \`modelferry.ready\`.`,
    )
    channel.emit({ name: 'fault', detail: encodeError(fault) })
  }
}
