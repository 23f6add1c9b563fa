import { FerryError } from '../src/core/index.ts'
import { type Channel, encodeError } from '../src/protocol/index.ts'

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
