/** Names of databases, caches and folders on the device begin with this. */
const prefix = 'modelferry'

const clearing = `
const cleared = async () => {
  const databases = (await indexedDB.databases?.()) ?? []
  for (const { name } of databases) if (name?.startsWith('${prefix}')) indexedDB.deleteDatabase(name)
  for (const name of await caches.keys()) if (name.startsWith('${prefix}-')) await caches.delete(name)
  await (await navigator.storage.getDirectory()).removeEntry('${prefix}', { recursive: true })
}`

/**
 * A service worker file that takes the place of ours and ends it on every device that still has it: it takes over,
 * answers nothing, and unregisters itself. Pages that are open go on, without a reload.
 *
 * @param clear whether model files, catalog and caches go from the device as well
 */
export function selfDestroyingWorker(clear: boolean): string {
  return `/*! ${prefix} was here: this file unregisters it on devices that still have it. Keep it for as long as visitors
    may come back who were here before. */
addEventListener('install', () => skipWaiting())${clear ? clearing : ''}
addEventListener('activate', (event) => {
  event.waitUntil(
    clients.claim()${clear ? '.then(cleared).catch(() => undefined)' : ''}.then(() => registration.unregister()),
  )
})
`
}
