import { FerryError } from '../src/core/FerryError.ts'
import type { Channel } from '../src/protocol/Channel.ts'
import { encodeError } from '../src/protocol/encodeError.ts'
import { strayWorkers } from './strayWorkers.ts'

/**
 * Tells pages, once each, of workers whose requests go past the service worker.
 *
 * @returns looks for them; for whenever a page has connected, as they only come to be before that
 */
export function strayTeller(host: ServiceWorkerGlobalScope, channel: Channel): () => Promise<void> {
  const told = new Set<string>()
  return async () => {
    const { clients, registration } = host
    const all = await clients.matchAll({ type: 'all', includeUncontrolled: true })
    const ours = await clients.matchAll({ type: 'all' })
    const names = new Set<string>()
    for (const { id, url } of strayWorkers(all, ours, registration.scope)) {
      // One that ended since the first look is no stray.
      if (told.has(id) || !(await clients.get(id))) continue
      told.add(id)
      names.add(url.startsWith('blob:') ? 'blob:' : new URL(url).pathname)
    }
    if (names.size === 0) return
    const fault = new FerryError(
      'worker',
      `A worker was started before the service worker controlled its page, and goes past it (${[...names].join(', ')}): what it fetches is not carried. Start it after "await connect()", or after "await modelferry.ready".`,
    )
    channel.emit({ name: 'fault', detail: encodeError(fault) })
  }
}
