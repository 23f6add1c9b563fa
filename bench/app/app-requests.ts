import { join } from 'node:path'
import { createHub } from 'modelferry/hub'
import type { BenchOptions } from '../BenchOptions.ts'
import { inRounds, report } from '../rounds.ts'
import type { Sample } from '../Sample.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { fillHub } from '../stage/fill-hub.ts'
import { openPage } from '../stage/openPage.ts'
import { Pacer } from '../stage/Pacer.ts'
import { SlowLine } from '../stage/SlowLine.ts'
import { startSite } from '../stage/startSite.ts'

const peer = 'plain fetch'
const ways = [peer, 'modelferry'] as const

/**
 * Measures the app's own small requests while a file comes from the same origin. App, hub and storage are behind one
 * HTTP/1.1 server. A browser opens six connections to it, and all of them share one line.
 */
export async function runPage(options: BenchOptions): Promise<void> {
  const { size, bytesPerSecond, latencyMs } = options
  const folder = join(import.meta.dirname, `../../.cache/bench/${size}`)
  const [file] = await fillHub(folder, size)
  const hosts = ways.map((way) => `${nameOf(way)}.localhost`)
  const hub = await createHub({ open: true, folder, hosts })
  const script = await bundlePage(join(import.meta.dirname, '../page/main.ts'))
  const site = await startSite(script, { '/app.json': '{"app":true}' }, (request) =>
    hub.fetch(request),
  )
  const shared = new Pacer(bytesPerSecond, latencyMs / 2)
  const line = await SlowLine.open(0, { target: site.port, bytesPerSecond, latencyMs, shared })
  try {
    const measured = await inRounds(options.rounds, async (context, round) => {
      const samples: Sample[] = []
      for (const variant of ways) {
        const url = site.page(nameOf(variant), line.port)
        const page = await openPage(context, url)
        const { origin } = new URL(url)
        if (variant !== peer) await page.evaluate((hub) => bench.connect(hub), origin)
        const { ms, requests } = await page.evaluate(
          ({ hub, file }) => bench.amid(hub, file, '/app.json'),
          { hub: origin, file: file! },
        )
        const again = await page.evaluate(
          ({ hub, file, hash }) => bench.load('fetch', hub, file, hash),
          { hub: origin, file: file!, hash: round === 0 },
        )
        const wrong = again.size !== size || (round === 0 && again.sha256 !== file!.sha256)
        if (wrong || (variant !== peer && again.label !== 'hit'))
          throw new Error(`${variant} did not load the file (${again.label}).`)
        await page.close()
        const values = {
          p50: quantile(requests, 0.5),
          p90: quantile(requests, 0.9),
          'the load': ms,
        }
        for (const [subject, value] of Object.entries(values))
          samples.push({ subject, variant, round, value })
      }
      return samples
    })
    const note =
      `${size / 1e6} MB at ${bytesPerSecond / 1e6} MB/s for all connections, ${latencyMs} ms, HTTP/1.1, ` +
      'a request of the app every 100 ms'
    await report(options, measured, { peer, note, of: 'requests of the app', unit: 'ms' })
  } finally {
    await line.close()
    await site.close()
    hub.close()
  }
}

function nameOf(way: string): string {
  return way.replace(' ', '-')
}

/** The smallest value that at least this share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
}
