import type { Page } from '@playwright/test'

/** Stops the service workers of the page's origin, as browsers may do at any time. They restart when needed. */
export async function stopServiceWorkers(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  try {
    await session.send('ServiceWorker.enable')
    await session.send('ServiceWorker.stopAllWorkers')
  } finally {
    await session.detach()
  }
}
