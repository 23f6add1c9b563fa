import type { BenchOptions } from './BenchOptions.ts'
import type { Comparison } from './Comparison.ts'
import { formatTable } from './formatTable.ts'
import type { BenchFile } from './stage/BenchFile.ts'

/** Formats the results of a comparison in a browser. */
export function table(
  name: BenchOptions['name'],
  files: readonly BenchFile[],
  compared: readonly Comparison[],
): string {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const size = files[0]?.size ?? Number.NaN
  if (name === 'memory')
    return formatTable([
      ['memory of', 'way', 'peak MB more', 'share of file', 'ratio to plain', 'min..max MB'],
      ...compared.map(({ subject, variant, median, min, max, ratio }) => [
        subject,
        variant,
        mb(median),
        (median / size).toFixed(2),
        ratio.toFixed(2),
        `${mb(min)}..${mb(max)}`,
      ]),
    ])
  return formatTable([
    ['file', 'way', 'median ms', 'MB/s', 'time to plain', 'min..max ms'],
    ...compared.map(({ subject, variant, median, min, max, ratio }) => {
      const bytes = sizes.get(subject) ?? Number.NaN
      return [
        `${subject} ${(bytes / 1e6).toFixed(1)} MB`,
        variant,
        ms(median),
        (bytes / median / 1000).toFixed(0),
        ratio.toFixed(2),
        `${ms(min)}..${ms(max)}`,
      ]
    }),
  ])
}

function ms(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0)
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}
