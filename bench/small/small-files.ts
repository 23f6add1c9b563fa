import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import type { BenchOptions } from '../BenchOptions.ts'
import { formatTable } from '../formatTable.ts'
import { makeWeights } from '../makeWeights.ts'
import type { Span } from '../page/Bench.ts'
import { inRounds, lineText, report } from '../rounds.ts'
import type { Sample } from '../Sample.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { fillOnce, type NewFile } from '../stage/fill-hub.ts'
import { openPage } from '../stage/openPage.ts'
import { startBenchHub } from '../stage/startBenchHub.ts'
import { startSite } from '../stage/startSite.ts'
import { callCounter } from './call-counter.ts'

const peer = 'plain fetch'
const repo = 'bench/small'
/** Files that a page requests at once. */
const amounts = [1, 25, 50, 100] as const
/** Files that each of two tabs requests at once, the same ones. */
const perTab = 200

/** Compares how long a page waits for many small Xet files that it requests at once; prints times and calls. */
export async function runSmall(options: BenchOptions): Promise<void> {
  const folder = join(import.meta.dirname, `../../.cache/bench/small-${perTab}`)
  const files = await fillOnce(folder, async () => makeFiles())
  const hub = await startBenchHub(folder, options)
  const script = await bundlePage(join(import.meta.dirname, '../page/main.ts'))
  const site = await startSite(script)
  const counted = await startSite(script, countingWorkers())
  const calls = new Map<number, Readonly<Record<string, number>>>()
  let waterfall = ''
  const open = async (context: BrowserContext, url: string, variant: string): Promise<Page> => {
    const tab = await openPage(context, url)
    if (variant !== peer) await tab.evaluate((url) => bench.connect(url), hub.url)
    return tab
  }
  const load = async (tab: Page, amount: number): Promise<{ ms: number; at: number }> =>
    await tab.evaluate(({ hub, wanted }) => bench.many(hub, wanted), {
      hub: hub.url,
      wanted: files.slice(0, amount),
    })
  const count = async (context: BrowserContext, amount: number): Promise<void> => {
    const tab = await open(context, counted.page(`small-${amount}`), 'modelferry')
    const { ms, at } = await load(tab, amount)
    const { counts, spans } = await tab.evaluate(() => bench.calls())
    calls.set(amount, counts)
    if (amount === 1) waterfall = waterfallOf(spans, at, ms)
    await tab.close()
  }
  const measure = async (
    context: BrowserContext,
    amount: number,
    tabs: number,
    variant: string,
  ): Promise<number> => {
    const url = site.page(`${variant.replace(' ', '-')}-${amount}-${tabs}`)
    const opened: Page[] = []
    for (let tab = 0; tab < tabs; tab++) opened.push(await open(context, url, variant))
    const times = await Promise.all(opened.map(async (tab) => (await load(tab, amount)).ms))
    for (const tab of opened) await tab.close()
    return Math.max(...times)
  }
  try {
    const measured = await inRounds(options.rounds, async (context, round) => {
      const samples: Sample[] = []
      for (const amount of round === 0 ? amounts : []) await count(context, amount)
      for (const [amount, tabs] of round === 0 ? [] : cases)
        for (const variant of [peer, 'modelferry']) {
          const value = await measure(context, amount, tabs, variant)
          samples.push({
            subject: tabs === 1 ? `${amount}` : `${amount} in each of two tabs`,
            variant,
            round,
            value,
          })
        }
      return samples
    })
    const note = `files of 40 to 200 kB, ${lineText(options)}`
    const counts = { calls: Object.fromEntries(calls) }
    await report(options, measured, { peer, note, of: 'files', unit: 'ms', more: counts })
  } finally {
    await site.close()
    await counted.close()
    await hub.close()
  }
  console.log(`\ncalls of all realms\n${callTable(calls)}`)
  console.log(`\none file, milliseconds after the page's call\n${waterfall}`)
}

const cases = [...amounts.map((amount) => [amount, 1] as const), [perTab, 2] as const]

function makeFiles(): NewFile[] {
  const noise = makeWeights(2 ** 25)
  return Array.from({ length: perTab }, (_, index) => {
    const start = index * 130_000
    const bytes = noise.slice(start, start + 40_000 + (index % 100) * 1600)
    return { repo, path: `part-${index}.bin`, bytes }
  })
}

function countingWorkers(): Record<string, string> {
  const { resolve } = createRequire(import.meta.url)
  return Object.fromEntries(
    ['/modelferry-sw.js', '/modelferry-worker.js'].map((path) => [
      path,
      callCounter + readFileSync(resolve(`modelferry${path}`), 'utf8'),
    ]),
  )
}

function callTable(calls: ReadonlyMap<number, Readonly<Record<string, number>>>): string {
  const names = [...new Set([...calls.values()].flatMap((each) => Object.keys(each)))].toSorted()
  const rows = names.map((name) => [
    name,
    ...[...calls.values()].map((each) => `${each[name] ?? 0}`),
  ])
  return formatTable([['call', ...[...calls.keys()].map((amount) => `${amount} files`)], ...rows])
}

/** The calls between the page's call and the last byte. */
function waterfallOf(spans: readonly Span[], at: number, ms: number): string {
  const during = spans.filter(({ start }) => start >= at - 1 && start <= at + ms + 50)
  const rows = during
    .toSorted((a, b) => a.start - b.start)
    .map(({ realm, name, start, end }) => [
      (start - at).toFixed(1),
      end === undefined ? '' : (end - start).toFixed(1),
      realm,
      name,
    ])
  return formatTable([['at', 'took', 'realm', `call (last byte at ${ms.toFixed(1)})`], ...rows])
}
