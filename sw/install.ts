import { ownFragment } from '../src/net/ownFragment.ts'
import { AnsweringChannel } from '../src/protocol/AnsweringChannel.ts'
import { clientHeader } from '../src/protocol/clientHeader.ts'
import { protocolNumber } from '../src/protocol/protocolNumber.ts'
import { Answers } from './Answers.ts'
import type { Decision } from './Decision.ts'
import { Files } from './Files.ts'
import type { InstallOptions } from './InstallOptions.ts'
import { installParameters } from './installParameters.ts'
import { noteRules } from './noteRules.ts'
import { route } from './route.ts'
import { routeTable } from './routeTable.ts'
import { runtimeRules } from './runtimeRules.ts'
import { Shell } from './Shell.ts'
import { withoutPage } from './withoutPage.ts'

/**
 * Gives a service worker modelferry's answers. Takes over nothing else: what it does not answer is left to
 * other listeners and to the browser, and installing and activating stay the host's. Call it before a router is
 * told its routes: whoever listens first answers first.
 *
 * @param host the service worker's global scope
 * @param options which requests are ours
 * @example
 * import { install } from 'modelferry/sw'
 * install(self, { hubs: ['https://huggingface.co'] })
 */
export function install(host: ServiceWorkerGlobalScope, options: InstallOptions = {}): void {
  const parameters = installParameters(options, host.location.href)
  const channel = new AnsweringChannel()
  const network: typeof fetch = (input, init) => host.fetch(input, init)
  const files = new Files(host, channel)
  const { scope } = host.registration
  const notes = new Answers(noteRules, network, scope)
  const runtimes = new Answers(runtimeRules, network, scope)
  const shell = new Shell(network)
  const table = routeTable(parameters, scope)
  channel.answer({
    version: async ({ script }) =>
      script === host.location.href
        ? { protocol: protocolNumber, version: __VERSION__, build: __BUILD__ }
        : undefined,
    shell: async ({ script, urls }) =>
      script === host.location.href ? await shell.keep(urls) : undefined,
  })
  const answer = async (decision: Decision, event: FetchEvent): Promise<Response> => {
    const { request } = event
    switch (decision) {
      case 'ping':
        return new Response(null, { status: 204, headers: { [clientHeader]: event.clientId } })
      case 'file':
        return await files.answer(request, event.clientId)
      case 'note':
        return await notes.answer(request)
      case 'runtime':
        // A CDN that allows no CORS is none that we can keep anything of.
        return await runtimes.answer(request).catch(() => network(request))
      case 'shell': {
        const kept = await shell.answer(request, (work) => event.waitUntil(work))
        return table.isGuarded(request.url) ? withoutPage(kept) : kept
      }
      default:
        return withoutPage(await network(request))
    }
  }
  host.addEventListener('fetch', (event) => {
    // The engine's own requests are for the network, not for a router after us.
    if (event.request.url.endsWith(ownFragment)) event.stopImmediatePropagation()
    const decision = route(event.request, table)
    if (decision === 'pass') return
    let give: ((response: Promise<Response>) => void) | undefined
    try {
      event.respondWith(new Promise((resolve) => (give = resolve)))
    } catch {
      // A listener before us answers already.
      return
    }
    event.stopImmediatePropagation()
    give?.(answer(decision, event))
  })
}
