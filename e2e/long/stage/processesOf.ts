import type { BrowserContext } from '@playwright/test'

/** One process of a browser. */
export interface BrowserProcess {
  /** `browser` is the first one, the others are its children: `renderer`, `utility` and more. */
  readonly type: string
  readonly id: number
}

/** All processes of the browser that a context belongs to. */
export async function processesOf(context: BrowserContext): Promise<readonly BrowserProcess[]> {
  const browser = context.browser()
  if (browser === null) throw new Error('The context belongs to no browser.')
  const session = await browser.newBrowserCDPSession()
  try {
    return (await session.send('SystemInfo.getProcessInfo')).processInfo
  } finally {
    await session.detach()
  }
}

/** Ends a browser as a lack of memory would: it has no time to write anything. */
export async function killBrowser(context: BrowserContext): Promise<void> {
  const browser = (await processesOf(context)).find(({ type }) => type === 'browser')
  const closed = context.waitForEvent('close')
  process.kill(browser!.id, 'SIGKILL')
  await closed
}
