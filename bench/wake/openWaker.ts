import type { BrowserContext } from 'playwright'
import { openPage } from '../stage/openPage.ts'

/** Stops the service worker, sends a request, and returns the time of the response, milliseconds. */
export type Waker = () => Promise<number>

/** @param script path of the service worker */
export async function openWaker(
  context: BrowserContext,
  url: string,
  script: string,
): Promise<Waker> {
  const page = await openPage(context, url)
  await page.evaluate(async (path) => {
    const { serviceWorker } = navigator
    await serviceWorker.register(path)
    if (!serviceWorker.controller)
      await new Promise((done) => serviceWorker.addEventListener('controllerchange', done))
  }, script)
  const devtools = await context.newCDPSession(page)
  await devtools.send('ServiceWorker.enable')
  return async () => {
    await devtools.send('ServiceWorker.stopAllWorkers')
    // Time for the browser's cleanup of a worker, which must not count for the next start.
    await page.waitForTimeout(200)
    return await page.evaluate(async () => {
      const start = performance.now()
      const { status } = await fetch('/modelferry-ping')
      if (status !== 204) throw new Error(`The service worker answered ${status}.`)
      return performance.now() - start
    })
  }
}
