import type { Histogram } from './Histogram.ts'
import type { Metric } from './Metric.ts'

/**
 * Makes a histogram.
 *
 * @param about name and help
 * @param bounds upper ends of the buckets, rising; the last bucket, without an end, comes by itself
 */
export function createHistogram(
  about: { readonly name: string; readonly help: string },
  bounds: readonly number[],
): Histogram {
  const ends = [...bounds, Infinity]
  // Each bucket holds all that is not above its end, as the format wants it.
  const counts = ends.map(() => 0)
  let sum = 0
  return {
    add(value) {
      if (!(value >= 0 && value < Infinity)) return
      sum += value
      ends.forEach((end, at) => {
        if (value <= end) counts[at]! += 1
      })
    },
    get metric(): Metric {
      return {
        ...about,
        type: 'histogram',
        samples: [
          ...ends.map((end, at) => ({
            suffix: '_bucket',
            label: ['le', end === Infinity ? '+Inf' : String(end)] as const,
            value: counts[at]!,
          })),
          { suffix: '_sum', value: sum },
          { suffix: '_count', value: counts.at(-1)! },
        ],
      }
    },
  }
}
