import type { BrowserContext, Page } from 'playwright'
import type { PageLoad } from './page/Bench.ts'
import type { Round } from './Round.ts'
import type { Sample } from './Sample.ts'
import { openPage } from './stage/openPage.ts'

/**
 * Loads one file with every variant, once each and in turn. Each peer has a page on its own origin.
 *
 * @throws Error when a variant did not load the file, or was answered by another source than expected
 */
export async function measureLoads(context: BrowserContext, round: Round): Promise<Sample[]> {
  const { site, file } = round
  const samples: Sample[] = []
  const take = (variant: string, label: string | null, load: PageLoad): void => {
    check(variant, label, load, round)
    samples.push({ subject: file.path, variant, round: round.round, value: load.ms })
  }
  const fresh = async (name: string, work: (page: Page) => Promise<void>): Promise<void> => {
    const page = await openPage(context, site.page(`${name}-${file.path.replace(/\W/g, '-')}`))
    await work(page)
    await page.close()
  }
  await fresh('plain', async (page) => {
    take('plain fetch', null, await load(page, 'fetch', round))
  })
  await fresh('ferry', async (page) => {
    await connect(page, round)
    take('modelferry, cold', 'stream', await load(page, 'fetch', round))
    take('modelferry, warm', 'hit', await load(page, 'fetch', round))
    await page.reload()
    await connect(page, round)
    take('modelferry, warm after a reload', 'hit', await load(page, 'fetch', round))
  })
  await fresh('client', async (page) => {
    take('@huggingface/hub downloadFile', null, await load(page, 'client', round))
  })
  return samples
}

async function connect(page: Page, { hub }: Round): Promise<void> {
  await page.evaluate((url) => bench.connect(url), hub)
}

async function load(page: Page, by: 'fetch' | 'client', call: Round): Promise<PageLoad> {
  const { hub, file, round } = call
  const ask = { by, hub, file, hash: round === 0 }
  return await page.evaluate(
    (asked) => bench.load(asked.by, asked.hub, asked.file, asked.hash),
    ask,
  )
}

function check(
  variant: string,
  label: string | null,
  load: PageLoad,
  { file, round }: Round,
): void {
  if (load.label !== label)
    throw new Error(
      `${variant} was answered by ${load.label ?? 'the server'}, which is not the measured case.`,
    )
  if (load.size !== file.size || (round === 0 && load.sha256 !== file.sha256))
    throw new Error(`${variant} loaded other bytes than those of ${file.path}.`)
}
