import { FerryError } from '../src/core/index.ts'
import { type Channel, encodeError } from '../src/protocol/index.ts'

/** What can be seen of a page or worker of this origin. */
export type ClientView = Pick<Client, 'id' | 'type' | 'url'>

/**
 * Workers whose requests bypass the service worker, because they were started before it controlled their page: in
 * Firefox workers of a `blob:` address, elsewhere workers that were just starting. The browser does not say which page
 * a worker belongs to, so that the result is empty while a window is open that is not controlled: the worker may belong
 * to it.
 *
 * @param all of the origin
 * @param ours what this service worker controls of them
 * @param scope absolute; a worker whose file lies elsewhere is never ours
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
 * @returns looks for them; to be called when a page has connected, because they start before that
 */
export function uncontrolledReporter(
  host: ServiceWorkerGlobalScope,
  channel: Channel,
): () => Promise<void> {
  const told = new Set<string>()
  return async () => {
    const { clients, registration } = host
    const all = await clients.matchAll({ type: 'all', includeUncontrolled: true })
    const ours = await clients.matchAll({ type: 'all' })
    const names = new Set<string>()
    for (const { id, url } of uncontrolledWorkers(all, ours, registration.scope)) {
      // It may have ended since the first look.
      if (told.has(id) || !(await clients.get(id))) continue
      told.add(id)
      names.add(url.startsWith('blob:') ? 'blob:' : new URL(url).pathname)
    }
    if (names.size === 0) return
    const fault = new FerryError(
      'worker',
      `A worker was started before the service worker controlled its page, so that its requests bypass modelferry (${[...names].join(', ')}). Start it after "await connect()", or after "await modelferry.ready".`,
    )
    channel.emit({ name: 'fault', detail: encodeError(fault) })
  }
}
