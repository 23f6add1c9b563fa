import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from '../BenchOptions.ts'
import { compare } from '../compare.ts'
import { formatTable } from '../formatTable.ts'
import { machineLine } from '../machineLine.ts'
import type { Sample } from '../Sample.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { withBrowser } from '../stage/withBrowser.ts'
import { codecPeer } from './codecPeer.ts'
import { codecSubjects } from './codecSubjects.ts'

/** Measures decoding and hashing in a browser, from the sources, and prints the table. */
export async function runCodec({ rounds, json }: BenchOptions): Promise<void> {
  const subjects = await codecSubjects()
  const script = await bundlePage(join(import.meta.dirname, 'page.ts'))
  const samples: Sample[] = []
  const browser = await withBrowser(async (context) => {
    const page = context.pages()[0] ?? (await context.newPage())
    await page.addScriptTag({ content: script, type: 'module' })
    await page.waitForFunction('globalThis.measureCodec !== undefined')
    for (let round = 0; round <= rounds; round++) {
      const call = `measureCodec(${JSON.stringify(subjects)}, ${round})`
      const taken: Sample[] = await page.evaluate(call)
      if (round > 0) samples.push(...taken)
      process.stderr.write(round === 0 ? 'warmed up, hashes compared\n' : `round ${round}\n`)
    }
    return `Chromium ${context.browser()?.version() ?? ''}`.trim()
  })
  const compared = compare(samples, codecPeer)
  const rows = compared.map(({ subject, variant, median, min, max, ratio }) => [
    subject,
    variant,
    median.toFixed(2),
    (1000 / median).toFixed(0),
    ratio.toFixed(2),
    `${min.toFixed(2)}..${max.toFixed(2)}`,
  ])
  const heading = ['of', 'way', 'ms per MB', 'MB/s', 'time to peer', 'min..max']
  const machine = machineLine(browser)
  console.log(`${machine}\nmedians of ${rounds} interleaved rounds, in each the fastest of ten\n`)
  console.log(formatTable([heading, ...rows]))
  if (json !== undefined)
    await writeFile(json, JSON.stringify({ machine, compared, samples }, null, 2))
}
