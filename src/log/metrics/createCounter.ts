import type { Counter } from './Counter.ts'
import type { Metric } from './Metric.ts'

/**
 * Makes a counter whose series are all there from the start, at zero, so that a first event shows as a rise.
 *
 * @param about name, help and the label's name
 * @param values all that the label can be; the type asks for every one of them
 */
export function createCounter<Value extends string>(
  about: { readonly name: string; readonly help: string; readonly label: string },
  values: Readonly<Record<Value, true>>,
): Counter<Value> {
  const counts = new Map<string, number>(Object.keys(values).map((value) => [value, 0]))
  return {
    add(value) {
      const series = Object.hasOwn(values, value) ? value : 'other'
      counts.set(series, (counts.get(series) ?? 0) + 1)
    },
    get metric(): Metric {
      return {
        name: about.name,
        help: about.help,
        type: 'counter',
        samples: [...counts].map(([value, count]) => ({
          label: [about.label, value],
          value: count,
        })),
      }
    },
  }
}
