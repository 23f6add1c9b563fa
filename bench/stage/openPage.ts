import type { BrowserContext, Page } from 'playwright'
import type { Bench } from '../page/Bench.ts'

declare global {
  /** In the page only. */
  var bench: Bench
}

/** Opens a page, and prints its errors. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error.message))
  page.on('console', (message) => {
    // Libraries look for optional files. A file that is needed and missing makes the load fail.
    const optional = message.text().includes('a status of 404')
    if (message.type() === 'error' && !optional) console.error(message.text())
  })
  await page.goto(url)
  return page
}
