import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { BrowserContext } from 'playwright'
import type { BenchOptions } from '../BenchOptions.ts'
import { compare } from '../compare.ts'
import { formatTable } from '../formatTable.ts'
import { machineLine } from '../machineLine.ts'
import type { Sample } from '../Sample.ts'
import { startSite } from '../stage/startSite.ts'
import { withBrowser } from '../stage/withBrowser.ts'
import { openWaker } from './openWaker.ts'
import type { Waker } from './openWaker.ts'

const { resolve } = createRequire(import.meta.url)
const peer = 'a worker that only answers'
const bare = `addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => event.respondWith(new Response(null, { status: 204 })))`

/** Starts in one round; the minimum counts. */
const starts = 10

/** Measures how long a request waits for the start of a service worker, and prints the table. */
export async function runWake({ rounds, json }: BenchOptions): Promise<void> {
  const [own, engine] = await Promise.all(
    ['modelferry-sw.js', 'modelferry-worker.js'].map((name) =>
      readFile(resolve(`modelferry/${name}`), 'utf8'),
    ),
  )
  const ways = { [peer]: '/bare.js', modelferry: '/own.js', 'the engine inside': '/whole.js' }
  const scripts = { '/bare.js': bare, '/own.js': own!, '/whole.js': `${engine}\n${own}` }
  const site = await startSite('', scripts)
  const samples: Sample[] = []
  const open = async (context: BrowserContext): Promise<[string, Waker][]> => {
    const wakers: [string, Waker][] = []
    for (const [way, script] of Object.entries(ways))
      wakers.push([way, await openWaker(context, site.page(script.slice(1, -3)), script)])
    return wakers
  }
  let browser = ''
  try {
    await withBrowser(async (context) => {
      browser = `Chromium ${context.browser()?.version() ?? ''}`.trim()
      const wakers = await open(context)
      for (let round = 0; round <= rounds; round++) {
        const least = new Map(wakers.map(([way]) => [way, Infinity]))
        for (let start = 0; start < starts; start++)
          for (const [way, wake] of wakers) least.set(way, Math.min(least.get(way)!, await wake()))
        for (const [variant, value] of round > 0 ? least : [])
          samples.push({ subject: 'first answer', variant, round, value })
        process.stderr.write(round === 0 ? 'warmed up\n' : `round ${round}\n`)
      }
    })
  } finally {
    await site.close()
  }
  const machine = machineLine(browser)
  const compared = compare(samples, peer)
  const rows = compared.map(({ subject, variant, median, min, max, ratio }) => [
    subject,
    variant,
    median.toFixed(1),
    ratio.toFixed(2),
    `${min.toFixed(1)}..${max.toFixed(1)}`,
  ])
  console.log(
    `${machine}\nmedians of ${rounds} interleaved rounds, in each the fastest of ${starts}\n`,
  )
  console.log(formatTable([['of', 'way', 'ms', 'time to peer', 'min..max'], ...rows]))
  if (json !== undefined)
    await writeFile(json, JSON.stringify({ machine, compared, samples }, null, 2))
}
