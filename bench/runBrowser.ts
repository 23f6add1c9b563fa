import { join } from 'node:path'
import type { BenchOptions } from './BenchOptions.ts'
import { measureLoads } from './measureLoads.ts'
import { measureMemory } from './measureMemory.ts'
import { inRounds, lineText, report } from './rounds.ts'
import type { Sample } from './Sample.ts'
import { bundlePage } from './stage/bundlePage.ts'
import { fillHub } from './stage/fill-hub.ts'
import { startBenchHub } from './stage/startBenchHub.ts'
import { startSite } from './stage/startSite.ts'
import { table } from './table.ts'

/**
 * Compares ways to load a file, by time or by memory, in a browser; prints the table.
 *
 * @param options of the comparison `load` or `memory`
 */
export async function runBrowser(options: BenchOptions): Promise<void> {
  const { name, size, rounds } = options
  const folder = join(import.meta.dirname, `../.cache/bench/${size}`)
  const files = await fillHub(folder, size)
  const hub = await startBenchHub(folder, options)
  const site = await startSite(await bundlePage(join(import.meta.dirname, 'page/main.ts')))
  const measure = name === 'load' ? measureLoads : measureMemory
  try {
    const measured = await inRounds(rounds, async (context, round) => {
      const samples: Sample[] = []
      for (const file of name === 'load' ? files : files.slice(0, 1))
        samples.push(...(await measure(context, { hub: hub.url, site, file, round })))
      return samples
    })
    await report(options, measured, {
      peer: 'plain fetch',
      note: lineText(options),
      of: 'file',
      unit: name === 'load' ? 'ms' : 'MB',
      table: (compared) => table(name, files, compared),
    })
  } finally {
    await site.close()
    await hub.close()
  }
}
