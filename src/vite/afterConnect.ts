import type { PluginSettings } from './PluginSettings.ts'

/**
 * JavaScript of a function `afterConnect(ferry, files)`, for pages: keeps the app's files, and does what is to be
 * done when a newer version takes over.
 */
export function afterConnect({ registerType }: PluginSettings): string {
  const update =
    registerType === 'autoUpdate'
      ? 'location.reload()'
      : "dispatchEvent(new Event('modelferry:update'))"
  return `async function afterConnect(ferry, files) {
  if (!ferry.controlled) return
  navigator.serviceWorker.addEventListener('controllerchange', () => ${update}, { once: true })
  for (const url of files) {
    // Through the service worker, which keeps what it was told to.
    if (!(await caches.match(url))) await fetch(url).catch(() => undefined)
  }
}`
}
