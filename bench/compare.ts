import type { Comparison } from './Comparison.ts'
import { median } from './median.ts'
import type { Sample } from './Sample.ts'

/**
 * Summarises samples. Ratios are taken within a round before they are summarised, so that a temporarily slow machine
 * affects both values.
 *
 * @param samples of all variants and rounds
 * @param peer variant that the others are compared with; it was measured in every round
 */
export function compare(samples: readonly Sample[], peer: string): Comparison[] {
  const keys = new Map(
    samples.map(({ subject, variant }) => [`${subject} ${variant}`, { subject, variant }]),
  )
  return [...keys.values()].map(({ subject, variant }) => {
    const of = (wanted: string): Sample[] =>
      samples.filter((sample) => sample.subject === subject && sample.variant === wanted)
    const peers = new Map(of(peer).map(({ round, value }) => [round, value]))
    const own = of(variant)
    const values = own.map(({ value }) => value)
    return {
      subject,
      variant,
      median: median(values),
      min: Math.min(...values),
      max: Math.max(...values),
      ratio: median(own.map(({ round, value }) => value / (peers.get(round) ?? Number.NaN))),
    }
  })
}
