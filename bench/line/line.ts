import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from '../BenchOptions.ts'
import { formatTable } from '../formatTable.ts'
import { machineLine } from '../machineLine.ts'
import { median } from '../median.ts'
import type { PageTimes } from '../page/Bench.ts'
import { bundlePage } from '../stage/bundlePage.ts'
import { fillHub } from '../stage/fill-hub.ts'
import { openPage } from '../stage/openPage.ts'
import { startBenchHub } from '../stage/startBenchHub.ts'
import { startSite, type Site } from '../stage/startSite.ts'
import { withBrowser } from '../stage/withBrowser.ts'

const MB = 1e6

/** One question to a line. */
interface Case {
  readonly name: string
  /** Bytes of the file; a multiple of 4. */
  readonly size: number
  /** Bytes per second. */
  readonly rate: number
  /** Whether all connections have the rate together. */
  readonly shared: boolean
  /** Milliseconds of a round trip. */
  readonly latencyMs: number
  /** Share of stretches of 256 KiB after which a connection is reset. */
  readonly resets?: number
  /** Header; absent: the whole file. */
  readonly range?: string
}

const cases: readonly Case[] = [
  { name: 'whole, shared 2 MB/s', size: 96 * MB, rate: 2 * MB, shared: true, latencyMs: 50 },
  { name: 'whole, shared 3 MB/s', size: 36 * MB, rate: 3 * MB, shared: true, latencyMs: 150 },
  {
    name: 'the same with resets',
    size: 36 * MB,
    rate: 3 * MB,
    shared: true,
    latencyMs: 150,
    resets: 0.01,
  },
  { name: 'whole, 20 MB/s each', size: 100 * MB, rate: 20 * MB, shared: false, latencyMs: 50 },
  ...(['bytes=-1000', 'bytes=75000000-75000999', 'bytes=0-999'] as const).map((range) => ({
    name: range,
    size: (range === 'bytes=-1000' ? 300 : 150) * MB,
    rate: 2.5 * MB,
    shared: false,
    latencyMs: 50,
    range,
  })),
]

/** What one load took. */
interface Taken extends PageTimes {
  /** Bytes that the line brought until the last byte, of all responses. */
  readonly received: number
}

/**
 * Measures first and last bytes over slow lines, of plain `fetch` and of modelferry cold, and the bytes that came over
 * the line; prints a table.
 */
export async function runLine({ rounds, json }: BenchOptions): Promise<void> {
  const site = await startSite(await bundlePage(join(import.meta.dirname, '../page/main.ts')))
  const rows: string[][] = []
  const samples: unknown[] = []
  let browser = ''
  try {
    for (const one of cases) {
      const taken = new Map<'plain fetch' | 'modelferry', Taken[]>()
      for (let round = 1; round <= rounds; round++)
        for (const way of ['plain fetch', 'modelferry'] as const) {
          const [result, version] = await measure(one, way, round, site)
          browser = `Chromium ${version}`
          taken.set(way, [...(taken.get(way) ?? []), ...(result ? [result] : [])])
          samples.push({ case: one.name, way, round, ...result })
        }
      for (const [way, each] of taken) rows.push([one.name, way, ...summary(one, each)])
      process.stderr.write(`${rows.slice(-2).join('\n')}\n`)
    }
  } finally {
    await site.close()
  }
  const heads = [
    'case',
    'way',
    'headers ms',
    'first byte ms',
    'last byte ms',
    'line',
    'MB received',
  ]
  const machine = machineLine(browser)
  console.log(`${machine}\nmedians of ${rounds} rounds\n\n${formatTable([heads, ...rows])}`)
  if (json !== undefined) await writeFile(json, JSON.stringify({ machine, samples }, null, 2))
}

async function measure(
  { size, rate, shared, latencyMs, resets = 0, range }: Case,
  way: 'plain fetch' | 'modelferry',
  round: number,
  site: Site,
): Promise<[Taken | undefined, version: string]> {
  const folder = join(import.meta.dirname, `../../.cache/bench/${size}`)
  const [file] = await fillHub(folder, size)
  // Numbers that differ between rounds, but not between the two ways.
  let state = round * 2_654_435_761
  const hub = await startBenchHub(folder, {
    bytesPerSecond: rate,
    latencyMs,
    shared,
    resets: (): boolean => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32 < resets
    },
  })
  try {
    return await withBrowser(async (context) => {
      const page = await openPage(context, site.page(`${way.replace(' ', '-')}-${round}`))
      if (way === 'modelferry') await page.evaluate((hub) => bench.connect(hub), hub.url)
      const before = hub.received()
      const times = await page.evaluate(([hub, file, range]) => bench.times(hub, file, range), [
        hub.url,
        file!,
        range ?? null,
      ] as const)
      const received = hub.received() - before
      return [{ ...times, received }, context.browser()?.version() ?? '']
    })
  } finally {
    await hub.close()
  }
}

/**
 * @param taken of the loads that succeeded
 * @returns cells: medians of the times, share of the line that the whole load used, megabytes
 */
function summary(
  { size, rate, shared, latencyMs, range }: Case,
  taken: readonly Taken[],
): string[] {
  if (taken.length === 0) return ['fails', '', '', '', '']
  const of = (name: keyof Taken): number => median(taken.map((each) => each[name]))
  // One connection that is never idle, after its own round trip.
  const perfect = (size / rate) * 1000 + latencyMs
  return [
    of('headers').toFixed(0),
    of('firstByte').toFixed(0),
    of('lastByte').toFixed(0),
    range === undefined ? `${(perfect / of('lastByte')).toFixed(2)}${shared ? '' : ' of one'}` : '',
    (of('received') / MB).toFixed(1),
  ]
}
