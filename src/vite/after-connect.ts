import type { PluginSettings } from './options.ts'

/** A page with other options takes over too: two pages that alternate would reload each other endlessly. */
const reloading = `const mark = 'modelferry:reloaded-for'
    if (now === before || sessionStorage.getItem(mark) !== now) {
      if (now !== before) sessionStorage.setItem(mark, now ?? '')
      return location.reload()
    }
    `

/**
 * JavaScript of a function `afterConnect(ferry, files)`, for pages: stores the app's files, and reacts when a newer
 * version takes over.
 */
export function afterConnect({ registerType }: PluginSettings): string {
  return `async function afterConnect(ferry, files) {
  if (!ferry.controlled) return
  const workers = navigator.serviceWorker
  const before = workers.controller?.scriptURL
  workers.addEventListener('controllerchange', () => {
    const now = workers.controller?.scriptURL
    ${registerType === 'autoUpdate' ? reloading : ''}dispatchEvent(new Event('modelferry:update'))
  }, { once: true })
  for (const url of files) {
    // Through the service worker, which stores the configured files.
    if (!(await caches.match(url))) await fetch(url).catch(() => undefined)
  }
}`
}
