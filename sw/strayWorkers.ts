/** What can be seen of a page or worker of this origin. */
export type Seen = Pick<Client, 'id' | 'type' | 'url'>

/**
 * Workers whose requests go past the service worker, because they were started before it controlled their page:
 * in Firefox those made from a `blob:` address, elsewhere those that were just starting. The browser does not say
 * which page a worker belongs to, so that none are named while a window is open that is not ours: it may be of
 * another app.
 *
 * @param all of the origin
 * @param ours what this service worker controls of them
 * @param scope absolute; a worker whose file lies elsewhere is never ours
 */
export function strayWorkers(
  all: readonly Seen[],
  ours: readonly Seen[],
  scope: string,
): readonly Seen[] {
  const known = new Set(ours.map(({ id }) => id))
  const others = all.filter(({ id }) => !known.has(id))
  if (others.some(({ type }) => type === 'window')) return []
  return others.filter(
    ({ type, url }) => type === 'worker' && (url.startsWith('blob:') || url.startsWith(scope)),
  )
}
