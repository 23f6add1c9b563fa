import type { StageWindow } from '../../stage/StageWindow.ts'

/**
 * Runs in the page: connects with the app's own service worker. It is sent there as text, so it uses nothing from
 * outside.
 *
 * @returns whether the page is controlled
 */
export async function connectOwn({ hubs }: { hubs: readonly string[] }): Promise<boolean> {
  const page = window as unknown as StageWindow
  const serviceWorker = await navigator.serviceWorker.register('/sw.js')
  page.ferry = await page.modelferry.connect({ serviceWorker, hubs })
  page.events = []
  page.held = {}
  page.ferry.addEventListener('fault', ({ detail }) => page.events.push({ name: 'fault', detail }))
  page.ferry.addEventListener('progress', ({ detail }) => {
    page.held[detail.url] = detail.held
  })
  return page.ferry.controlled
}
