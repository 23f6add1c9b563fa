import type { PluginSettings } from './options.ts'

/** A page of other options takes over as well: two that took turns in it would reload each other for ever. */
const reloading = `const mark = 'modelferry:reloaded-for'
    if (now === before || sessionStorage.getItem(mark) !== now) {
      if (now !== before) sessionStorage.setItem(mark, now ?? '')
      return location.reload()
    }
    `

/**
 * JavaScript of a function `afterConnect(ferry, files)`, for pages: keeps the app's files, and does what is to be
 * done when a newer version takes over.
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
    // Through the service worker, which keeps what it was told to.
    if (!(await caches.match(url))) await fetch(url).catch(() => undefined)
  }
}`
}
