import { writeFile } from 'node:fs/promises'
import type { BenchOptions } from '../BenchOptions.ts'
import { formatTable } from '../formatTable.ts'
import { median } from '../median.ts'
import { badServers, bestRate, idealMs, lines, plainMs, type SimLine } from './lines.ts'
import { simulate } from './simulate.ts'

/** Plays loads over all lines of the simulator and prints how they compare with the ideal. */
export async function runSim({ rounds, json }: BenchOptions): Promise<void> {
  const began = performance.now()
  const samples: unknown[] = []
  const rows = [...lines, ...badServers].map((line) => {
    const results = Array.from({ length: rounds }, (_, seed) => simulate(line, seed))
    samples.push({ line, results })
    const times = results.map(({ ms }) => ms)
    const ratios = [median(times), Math.max(...times)].map((ms) => compared(line, ms).toFixed(3))
    const extra = median(results.map(({ received }) => received)) / line.size - 1
    const requests = median(results.map((result) => result.requests))
    const rate = line.size / 1000 / median(times)
    const best = bestRate(badServers.includes(line) ? { ...line, hostLimit: 1 } : line) / 1e6
    return [
      line.name,
      badServers.includes(line) ? 'plain' : 'ideal',
      ...ratios,
      rate.toFixed(1),
      best.toFixed(1),
      `${(100 * extra).toFixed(1)} %`,
      requests.toFixed(0),
    ]
  })
  const heading = ['line', 'of', 'median', 'worst', 'MB/s', 'most', 'in vain', 'requests']
  console.log(formatTable([heading, ...rows]))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `\n${rows.length * rounds} loads in ${seconds} s. "ideal": its time over ours, 1 is best. "plain": our`,
  )
  console.log('time after the first 2 s over that of one plain request; at most 1.1.')
  if (json !== undefined) await writeFile(json, JSON.stringify(samples, null, 2))
}

/** @returns the ideal's time over ours, or for a bad server our time after 2 s over that of a plain request */
function compared(line: SimLine, ms: number): number {
  return badServers.includes(line) ? (ms - 2000) / plainMs(line) : idealMs(line) / ms
}
