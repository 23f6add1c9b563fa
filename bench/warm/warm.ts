import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import type { BenchOptions } from '../BenchOptions.ts'
import { median } from '../median.ts'
import type { LoadWay, PageLoad } from '../page/Bench.ts'
import { inRounds, report } from '../rounds.ts'
import type { Sample } from '../Sample.ts'
import type { BenchFile } from '../stage/BenchFile.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { fillHub } from '../stage/fill-hub.ts'
import { openPage } from '../stage/openPage.ts'
import { startBenchHub } from '../stage/startBenchHub.ts'
import { startSite } from '../stage/startSite.ts'

const peer = 'bare service worker'
/** Answers requests for files of the hub with the files that the page has stored in OPFS, and does nothing else. */
const bare = `addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const name = event.request.url.split('/resolve/main/')[1]
  if (name) event.respondWith(answer(name))
})
async function answer(name) {
  const folder = await navigator.storage.getDirectory()
  const file = await (await folder.getFileHandle(name)).getFile()
  const headers = { 'content-length': file.size, 'content-type': 'application/octet-stream' }
  return new Response(file, { headers })
}`
/** Loads of one file in one round; their median counts. */
const loads = 5

/** A way to keep a file on the device and to read it. */
interface Way {
  readonly by: LoadWay
  /** modelferry's label of the responses. */
  readonly label: string | null
  prepare(page: Page, hub: string, file: BenchFile): Promise<void>
}

const ways: Readonly<Record<string, Way>> = {
  [peer]: {
    by: 'fetch',
    label: null,
    prepare: (page, hub, file) =>
      page.evaluate(
        async ({ hub, file }) => {
          await bench.store('opfs', hub, file)
          await bench.register('/bare.js')
        },
        { hub, file },
      ),
  },
  'Cache API, no service worker': {
    by: 'cache',
    label: null,
    prepare: (page, hub, file) =>
      page.evaluate(({ hub, file }) => bench.store('cache', hub, file), { hub, file }),
  },
  modelferry: {
    by: 'fetch',
    label: 'hit',
    prepare: (page, hub, file) =>
      page.evaluate(
        async ({ hub, file }) => {
          await bench.connect(hub)
          await bench.drain(hub, file)
        },
        { hub, file },
      ),
  },
}

/** Measures how long a page waits for a file that is on the device: for its headers, and for its last byte. */
export async function runWarm(options: BenchOptions): Promise<void> {
  const folder = join(import.meta.dirname, `../../.cache/bench/${options.size}`)
  const files = await fillHub(folder, options.size)
  const hub = await startBenchHub(folder, options)
  const site = await startSite(await bundlePage(join(import.meta.dirname, '../page/main.ts')), {
    '/bare.js': bare,
  })
  const measure = async (
    context: BrowserContext,
    [name, way]: [string, Way],
    file: BenchFile,
    round: number,
  ): Promise<Sample[]> => {
    const page = await openPage(context, site.page(`${name}-${file.path}`.replaceAll(/\W+/g, '-')))
    await way.prepare(page, hub.url, file)
    const taken: PageLoad[] = []
    for (let load = 0; load < loads; load++)
      taken.push(
        await page.evaluate(({ by, hub, file, hash }) => bench.load(by, hub, file, hash), {
          by: way.by,
          hub: hub.url,
          file,
          hash: round === 0 && load === 0,
        }),
      )
    await page.close()
    const wrong = taken.find(({ size, label }) => size !== file.size || label !== way.label)
    if (wrong || (round === 0 && taken[0]?.sha256 !== file.sha256))
      throw new Error(`${name} did not load ${file.path} from the device.`)
    const size = `${(file.size / 1e6).toFixed(1)} MB`
    return [
      ['headers', median(taken.map(({ headers }) => headers))] as const,
      ['last byte', median(taken.map(({ ms }) => ms))] as const,
    ].map(([what, value]) => ({ subject: `${size}, ${what}`, variant: name, round, value }))
  }
  try {
    const measured = await inRounds(options.rounds, async (context, round) => {
      const samples: Sample[] = []
      for (const file of files)
        for (const way of Object.entries(ways))
          samples.push(...(await measure(context, way, file, round)))
      return samples
    })
    const note = `a stored file into one buffer, in each round the median of ${loads} loads`
    await report(options, measured, { peer, note, of: 'file', unit: 'ms' })
  } finally {
    await site.close()
    await hub.close()
  }
}
