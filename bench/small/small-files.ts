import { existsSync, readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { uploadFiles } from '@huggingface/hub'
import { startHub } from 'modelferry/hub'
import type { BenchOptions } from '../BenchOptions.ts'
import { compare } from '../compare.ts'
import { formatTable } from '../formatTable.ts'
import { machineLine } from '../machineLine.ts'
import { makeWeights } from '../makeWeights.ts'
import type { Span } from '../page/Bench.ts'
import type { Sample } from '../Sample.ts'
import type { BenchFile } from '../stage/BenchFile.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { openPage } from '../stage/openPage.ts'
import { startBenchHub } from '../stage/startBenchHub.ts'
import { startSite, type Site } from '../stage/startSite.ts'
import { withBrowser } from '../stage/withBrowser.ts'
import { callCounter } from './call-counter.ts'

const peer = 'plain fetch'
const repo = 'bench/small'
/** Files that a page requests at once. */
const amounts = [1, 25, 50, 100] as const

/** Compares how long a page waits for many small Xet files that it requests at once; prints times and calls. */
export async function runSmall(options: BenchOptions): Promise<void> {
  const { rounds, json } = options
  const folder = join(import.meta.dirname, '../../.cache/bench/small')
  const files = await fill(folder)
  const hub = await startBenchHub(folder, options)
  const page = await bundlePage(join(import.meta.dirname, '../page/main.ts'))
  const site = await startSite(page)
  const counted = await startSite(page, countingWorkers())
  const samples: Sample[] = []
  const calls = new Map<number, Readonly<Record<string, number>>>()
  let browser = ''
  let waterfall = ''
  try {
    for (let round = 0; round <= rounds; round++)
      for (const amount of amounts)
        await withBrowser(async (context) => {
          browser = `Chromium ${context.browser()?.version() ?? ''}`.trim()
          const wanted = files.slice(0, amount)
          const load = async (variant: string, from: Site): Promise<void> => {
            const tab = await openPage(context, from.page(`small-${amount}`))
            if (variant !== peer) await tab.evaluate((url) => bench.connect(url), hub.url)
            const asked = { hub: hub.url, wanted }
            const many = await tab.evaluate(({ hub, wanted }) => bench.many(hub, wanted), asked)
            const { ms: value, at } = many
            if (from === counted) {
              const { counts, spans } = await tab.evaluate(() => bench.calls())
              calls.set(amount, counts)
              if (amount === 1) waterfall = waterfallOf(spans, at, value)
            } else if (round > 0) samples.push({ subject: `${amount}`, variant, round, value })
            await tab.close()
          }
          if (round === 0) return await load('modelferry', counted)
          await load(peer, site)
          await load('modelferry', site)
        })
  } finally {
    await site.close()
    await counted.close()
    await hub.close()
  }
  const machine = machineLine(browser)
  const compared = compare(samples, peer)
  console.log(`${machine}\nfiles of 40 to 200 kB, medians of ${rounds} interleaved rounds\n`)
  const times = compared.map(({ subject, variant, median, ratio, min, max }) => [
    subject,
    variant,
    median.toFixed(0),
    ratio.toFixed(2),
    `${min.toFixed(0)}..${max.toFixed(0)}`,
  ])
  console.log(formatTable([['files', 'way', 'median ms', 'time to plain', 'min..max'], ...times]))
  console.log(`\ncalls of all realms\n${callTable(calls)}`)
  console.log(`\none file, milliseconds after the page's call\n${waterfall}`)
  if (json !== undefined)
    await writeFile(
      json,
      JSON.stringify({ machine, compared, samples, calls: Object.fromEntries(calls) }, null, 2),
    )
}

/** Fills a hub's folder with the hub's own client, unless an earlier run did so. */
async function fill(folder: string): Promise<readonly BenchFile[]> {
  const list = join(folder, 'bench.json')
  if (existsSync(list)) return JSON.parse(await readFile(list, 'utf8')) as BenchFile[]
  await rm(folder, { recursive: true, force: true })
  const noise = makeWeights(2 ** 24)
  const files = Array.from({ length: Math.max(...amounts) }, (_, index) => {
    const start = index * 130_000
    return { path: `part-${index}.bin`, bytes: noise.slice(start, start + 40_000 + index * 1600) }
  })
  const hub = await startHub({ open: true, folder })
  try {
    const content = files.map(({ path, bytes }) => ({ path, content: new Blob([bytes]) }))
    await uploadFiles({
      repo,
      hubUrl: hub.url,
      accessToken: 'hf_bench',
      useXet: true,
      files: content,
    })
  } finally {
    await hub.close()
  }
  const filled = files.map(({ path, bytes }) => ({ repo, path, size: bytes.length, sha256: '' }))
  await writeFile(list, JSON.stringify(filled))
  return filled
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
