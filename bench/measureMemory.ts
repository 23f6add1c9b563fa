import type { BrowserContext, Page } from 'playwright'
import type { Round } from './Round.ts'
import type { Sample } from './Sample.ts'
import { MemoryWatch } from './stage/MemoryWatch.ts'
import { openPage } from './stage/openPage.ts'

/**
 * Additional memory of the browser while a page reads a file to its end and keeps none of it.
 *
 * @throws Error when bytes are missing, or on a system that does not report the memory of a process
 */
export async function measureMemory(context: BrowserContext, call: Round): Promise<Sample[]> {
  const samples: Sample[] = []
  const measure = async (page: Page, variant: string): Promise<void> => {
    const { hub, file, round } = call
    const watch = await MemoryWatch.start(context)
    const size = await page.evaluate((ask) => bench.drain(ask.hub, ask.file), { hub, file })
    const { renderers, all } = watch.stop()
    if (size !== file.size) throw new Error(`${variant} brought ${size} of ${file.size} bytes.`)
    samples.push({ subject: 'renderers', variant, round, value: renderers })
    samples.push({ subject: 'whole browser', variant, round, value: all })
  }
  const plain = await openPage(context, call.site.page('plain'))
  await measure(plain, 'plain fetch')
  await plain.close()
  const ferry = await openPage(context, call.site.page('ferry'))
  await ferry.evaluate((url) => bench.connect(url), call.hub)
  await measure(ferry, 'modelferry, cold')
  await measure(ferry, 'modelferry, warm')
  await ferry.close()
  return samples
}
