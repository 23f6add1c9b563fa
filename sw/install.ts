import { fileMatcher } from '../src/core/fileMatcher.ts'
import type { SwParameters } from '../src/core/swParameters.ts'
import { wildcard } from '../src/core/wildcard.ts'
import { Channel } from '../src/protocol/Channel.ts'
import { protocolNumber } from '../src/protocol/protocolNumber.ts'
import { Files } from './Files.ts'
import { route } from './route.ts'
import { Shell } from './Shell.ts'

/**
 * Gives a service worker modelferry's answers. Takes over nothing else: what it does not answer is left to
 * other listeners and to the browser, and installing and activating stay the host's.
 *
 * @param host the service worker's global scope
 * @param parameters which requests are ours
 * @example
 * import { install } from 'modelferry/sw'
 * install(self, { hubs: ['https://huggingface.co'], files: [], shell: [] })
 */
export function install(host: ServiceWorkerGlobalScope, parameters: SwParameters): void {
  const channel = new Channel()
  const files = new Files(channel)
  const shell = new Shell((input, init) => host.fetch(input, init))
  const patterns = parameters.shell.map(wildcard)
  const table = {
    scope: host.registration.scope,
    isFile: fileMatcher(parameters),
    isShell: (url: string): boolean => {
      const path = url.split(/[?#]/, 1)[0] ?? ''
      return patterns.some((pattern) => pattern.test(path))
    },
  }
  channel.answer({
    version: async ({ script }) =>
      script === host.location.href
        ? { protocol: protocolNumber, version: __VERSION__, build: __BUILD__ }
        : undefined,
    shell: async ({ script, urls }) =>
      script === host.location.href ? await shell.keep(urls) : undefined,
  })
  host.addEventListener('fetch', (event) => {
    const { request } = event
    const decision = route(request, table)
    if (decision === 'ping') event.respondWith(new Response(null, { status: 204 }))
    else if (decision === 'file') event.respondWith(files.answer(request))
    else if (decision === 'shell')
      event.respondWith(shell.answer(request, (work) => event.waitUntil(work)))
  })
}
