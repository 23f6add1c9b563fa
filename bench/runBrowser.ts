import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from './BenchOptions.ts'
import { compare } from './compare.ts'
import { machineLine } from './machineLine.ts'
import { measureLoads } from './measureLoads.ts'
import { measureMemory } from './measureMemory.ts'
import type { Sample } from './Sample.ts'
import { bundlePage } from './stage/bundlePage.ts'
import { fillHub } from './stage/fillHub.ts'
import { startBenchHub } from './stage/startBenchHub.ts'
import { startSite } from './stage/startSite.ts'
import { withBrowser } from './stage/withBrowser.ts'
import { table } from './table.ts'

const peer = 'plain fetch'

/**
 * Compares ways to load a file, by time or by memory, in a browser; prints the table.
 *
 * @param options of the comparison `load` or `memory`
 */
export async function runBrowser(options: BenchOptions): Promise<void> {
  const { name, size, rounds, json } = options
  const folder = join(import.meta.dirname, `../.cache/bench/${size}`)
  const files = await fillHub(folder, size)
  const hub = await startBenchHub(folder, options)
  const site = await startSite(await bundlePage(join(import.meta.dirname, 'page/main.ts')))
  const samples: Sample[] = []
  let browser = ''
  try {
    for (let round = 0; round <= rounds; round++) {
      await withBrowser(async (context) => {
        browser = `Chromium ${context.browser()?.version() ?? ''}`.trim()
        const wanted = name === 'load' ? files : files.slice(0, 1)
        for (const file of wanted) {
          const call = { hub: hub.url, site, file, round }
          const taken = await (name === 'load' ? measureLoads : measureMemory)(context, call)
          if (round > 0) samples.push(...taken)
        }
      })
      process.stderr.write(round === 0 ? 'warmed up, bytes checked\n' : `round ${round}\n`)
    }
  } finally {
    await site.close()
    await hub.close()
  }
  const machine = machineLine(browser)
  const compared = compare(samples, peer)
  console.log(`${machine}\n${conditions(options)}\n\n${table(name, files, compared)}`)
  if (json !== undefined)
    await writeFile(json, JSON.stringify({ machine, options, compared, samples }, null, 2))
}

function conditions({ rounds, bytesPerSecond, latencyMs }: BenchOptions): string {
  const line = [
    ...(bytesPerSecond < Infinity ? [`${bytesPerSecond / 1e6} MB/s per connection`] : []),
    ...(latencyMs > 0 ? [`${latencyMs} ms more per round trip`] : []),
  ]
  return `loopback${line.length > 0 ? ` with ${line.join(', ')}` : ''}; medians of ${rounds} interleaved rounds`
}
