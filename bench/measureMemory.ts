import type { BrowserContext } from 'playwright'
import type { Round } from './Round.ts'
import type { Sample } from './Sample.ts'
import { BareBrowser, type BarePage } from './stage/BareBrowser.ts'
import { MemoryWatch } from './stage/MemoryWatch.ts'

/**
 * Additional memory of a browser while a page reads a file to its end and keeps none of it.
 *
 * @param _ Playwright's browser is not measured: see {@link BareBrowser}
 * @throws Error when bytes are missing, or on a system that does not report the memory of a process
 */
export async function measureMemory(_: BrowserContext, call: Round): Promise<Sample[]> {
  const browser = await BareBrowser.open()
  try {
    return await samplesOf(browser, call)
  } finally {
    await browser.close()
  }
}

async function samplesOf(browser: BareBrowser, call: Round): Promise<Sample[]> {
  const samples: Sample[] = []
  const measure = async (page: BarePage, variant: string): Promise<void> => {
    const { hub, file, round } = call
    const watch = MemoryWatch.start(await browser.processes())
    const size = await page.evaluate(`bench.drain(${JSON.stringify(hub)}, ${JSON.stringify(file)})`)
    const { renderers, all } = watch.stop()
    if (size !== file.size)
      throw new Error(`${variant} brought ${String(size)} of ${file.size} bytes.`)
    samples.push({ subject: 'renderers', variant, round, value: renderers })
    samples.push({ subject: 'whole browser', variant, round, value: all })
  }
  const plain = await browser.page(call.site.page('plain'))
  await measure(plain, 'plain fetch')
  await plain.close()
  const ferry = await browser.page(call.site.page('ferry'))
  await ferry.evaluate(`bench.connect(${JSON.stringify(call.hub)})`)
  await measure(ferry, 'modelferry, cold')
  await measure(ferry, 'modelferry, warm')
  await ferry.close()
  return samples
}
