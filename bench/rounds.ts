// What the comparisons in a browser share: rounds with a new profile each, and the report of their samples.
import { writeFile } from 'node:fs/promises'
import type { BrowserContext } from 'playwright'
import type { BenchOptions } from './BenchOptions.ts'
import { compare } from './compare.ts'
import type { Comparison } from './Comparison.ts'
import { formatTable } from './formatTable.ts'
import { machineLine } from './machineLine.ts'
import type { Sample } from './Sample.ts'
import { withBrowser } from './stage/withBrowser.ts'

/** The samples of all rounds, and where they were taken. */
export interface Measured {
  readonly samples: readonly Sample[]
  readonly machine: string
}

/**
 * Measures in rounds, each in a browser with a new profile. Round 0 warms up: its samples do not count.
 *
 * @param rounds that count
 * @param measure takes all ways in turn; round 0 is for checks of the bytes
 */
export async function inRounds(
  rounds: number,
  measure: (context: BrowserContext, round: number) => Promise<readonly Sample[]>,
): Promise<Measured> {
  const samples: Sample[] = []
  let browser = ''
  for (let round = 0; round <= rounds; round++) {
    await withBrowser(async (context) => {
      browser = `Chromium ${context.browser()?.version() ?? ''}`.trim()
      const taken = await measure(context, round)
      if (round > 0) samples.push(...taken)
    })
    process.stderr.write(round === 0 ? 'warmed up\n' : `round ${round}\n`)
  }
  return { samples, machine: machineLine(browser) }
}

/** How a comparison is printed. */
export interface ReportText {
  /** The way that the others are compared with. */
  readonly peer: string
  /** Conditions of the measurement, in one line. */
  readonly note: string
  /** Heading of the first column. */
  readonly of: string
  readonly unit: 'ms' | 'MB'
  /** Replaces the table of medians and ratios. */
  readonly table?: (compared: readonly Comparison[]) => string
  /** Is added to the JSON. */
  readonly more?: object
}

/** Prints the comparison, and writes it with all samples to the file of `--json`. */
export async function report(
  options: BenchOptions,
  { samples, machine }: Measured,
  { peer, note, of, unit, table, more }: ReportText,
): Promise<void> {
  const compared = compare(samples, peer)
  const line = `${note}; medians of ${options.rounds} interleaved rounds`
  const scale = unit === 'MB' ? 1e-6 : 1
  const rows = compared.map(({ subject, variant, median, min, max, ratio }) => [
    subject,
    variant,
    digits(median * scale),
    ratio.toFixed(2),
    `${digits(min * scale)}..${digits(max * scale)}`,
  ])
  const heads = [of, 'way', `median ${unit}`, `to "${peer}"`, `min..max ${unit}`]
  console.log(`${machine}\n${line}\n\n${table?.(compared) ?? formatTable([heads, ...rows])}`)
  if (options.json === undefined) return
  const all = { machine, note: line, peer, unit, options, compared, samples, ...more }
  await writeFile(options.json, JSON.stringify(all, null, 2))
}

/** A number with about three significant digits. */
function digits(value: number): string {
  if (value < 10) return value.toFixed(2)
  return value.toFixed(value < 100 ? 1 : 0)
}

/** The line between browser and hub, in words. */
export function lineText({ bytesPerSecond, latencyMs }: BenchOptions): string {
  const line = [
    ...(bytesPerSecond < Infinity ? [`${bytesPerSecond / 1e6} MB/s per connection`] : []),
    ...(latencyMs > 0 ? [`${latencyMs} ms more per round trip`] : []),
  ]
  return `loopback${line.length > 0 ? ` with ${line.join(', ')}` : ''}`
}
