import { ownFragment } from '../src/net/index.ts'
import {
  AnsweringChannel,
  clientHeader,
  CredentialReferences,
  protocolNumber,
} from '../src/protocol/index.ts'
import { Files } from './files.ts'
import { Answers, noteRules, runtimeRules } from './network-first.ts'
import { route, routeTable, type Decision } from './route.ts'
import { Shell, withoutPage } from './shell.ts'
import { uncontrolledReporter } from './stray-workers.ts'
import type { SwParameters } from '../src/core/index.ts'
import type { SpareEngine } from '../src/transfer/index.ts'

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
  const network: typeof fetch = (input, init) => host.fetch(input, init)
  const files = new Files(host, channel, credentials, engine, parameters.files)
  const { scope } = host.registration
  const notes = new Answers(noteRules, network, scope)
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
    switch (decision) {
      case 'ping': {
        const client = await host.clients.get(event.clientId)
        const credential = credentials.answer(request, client, parameters.worker)
        const headers = { [clientHeader]: event.clientId, ...credential }
        return new Response(null, { status: 204, headers })
      }
      case 'file':
        return await files.answer(request, event.clientId, (work) => event.waitUntil(work))
      case 'note':
        return await notes.answer(request)
      case 'runtime':
        // Responses of a CDN without CORS cannot be stored.
        return await runtimes.answer(request).catch(() => network(request))
      case 'shell': {
        const kept = await shell.answer(request, (work) => event.waitUntil(work))
        return table.isGuarded(request.url) ? withoutPage(kept) : kept
      }
      case 'visit':
        return await shell.visit(request, (work) => event.waitUntil(work))
      default:
        return withoutPage(await network(request))
    }
  }
  host.addEventListener('fetch', (event) => {
    // The engine's own requests go to the network, not to a router that the app registered later.
    if (event.request.url.endsWith(ownFragment)) event.stopImmediatePropagation()
    const decision = route(event.request, table)
    if (decision === 'pass') return
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
