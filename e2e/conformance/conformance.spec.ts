import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { FirefoxPage } from '../firefox/stage/FirefoxPage.ts'
import { openFirefox } from '../firefox/stage/openFirefox.ts'
import { choosePairs, parts } from './cells.ts'
import { runTable, type Seat } from './run-table.ts'
import { redLines, tableOf } from './report.ts'

/** CONFORMANCE=all runs the whole table; SEED chooses a twelfth of it; CONFORMANCE_ONLY is a regular expression. */
const all = process.env['CONFORMANCE'] === 'all'
const day = Math.floor(Date.now() / 86_400_000)
const seed = all ? undefined : Number(process.env['SEED'] ?? day) % parts
const pairs = choosePairs(seed, new RegExp(process.env['CONFORMANCE_ONLY'] ?? ''))
const title = 'every request to every server is answered as without modelferry, or better'

test.setTimeout((all ? 45 : 10) * 60_000)

test(`${title}: Chromium`, async ({ browser }) => {
  await compare('chromium', 8, async () => {
    const context = await browser.newContext()
    return {
      page: await context.newPage(),
      setOffline: (offline) => context.setOffline(offline),
      close: () => context.close(),
    }
  })
})

// `npm test` runs only Chromium's twelfth; its other specs cover Firefox.
if (all || process.env['SEED'] !== undefined)
  test(`${title}: Firefox`, async () => {
    test.setTimeout(45 * 60_000)
    const firefox = await openFirefox()
    try {
      // It stores one file after the other, at about half a second each.
      await compare('firefox', 2, async () => {
        const context = await firefox.createBrowserContext()
        const page = new FirefoxPage(await context.newPage())
        return {
          page,
          setOffline: (offline) => page.context().setOffline(offline),
          close: () => context.close(),
        }
      })
    } finally {
      await firefox.close()
    }
  })

async function compare(
  browser: string,
  lanes: number,
  openSeat: () => Promise<Seat>,
): Promise<void> {
  const tell = all ? console.log : () => undefined
  const cells = await runTable(pairs, { browser, lanes, openSeat, tell })
  console.log(tableOf(cells, `${browser}, ${all ? 'all of it' : `SEED=${seed}`}`))
  await mkdir('test-results', { recursive: true })
  await writeFile(`test-results/conformance-${browser}.json`, JSON.stringify(cells, undefined, 1))
  expect(redLines(cells)).toBe('')
}
