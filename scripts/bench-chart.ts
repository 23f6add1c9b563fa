// Draws docs/drawings/bench.json, the targets and what was measured, as a chart and as the table of docs/bench.md.

/** A target, and what was measured. */
export interface Figure {
  /** Markdown. */
  readonly measure: string
  /** Absent: the figure is a ratio. */
  readonly unit?: string
  readonly target: number
  /** Absent: not measured. */
  readonly measured?: number
  /** Whether more is better; default: less is. */
  readonly more?: boolean
  /** Rounds and conditions. */
  readonly note?: string
  /** Where `npm run bench` writes the figure. */
  readonly source?: FigureSource
}

/** A row of a comparison in a file of `npm run bench -- MODE --json FILE`. */
export interface FigureSource {
  readonly mode: string
  /** MB/s per connection; absent: no limit, or that of the mode. */
  readonly bandwidth?: number
  readonly subject: string
  readonly variant: string
  readonly value: 'ratio' | 'median'
}

/** The part of such a file that counts here. */
export interface BenchResult {
  readonly unit: string
  readonly options: {
    readonly name: string
    readonly rounds: number
    readonly bytesPerSecond: number | null
  }
  readonly compared: readonly {
    readonly subject: string
    readonly variant: string
    readonly median: number
    readonly ratio: number
  }[]
}

/**
 * Takes over what a benchmark has measured.
 *
 * @param note conditions, for the table
 * @returns all figures, with those of the result replaced
 */
export function withResult(
  figures: readonly Figure[],
  result: BenchResult,
  note: string,
): Figure[] {
  const { name, rounds, bytesPerSecond } = result.options
  return figures.map((figure) => {
    const { source } = figure
    if (source?.mode !== name) return figure
    const limit = name === 'load' ? (bytesPerSecond ?? Infinity) / 1e6 : Infinity
    if (limit !== (source.bandwidth ?? Infinity)) return figure
    const row = result.compared.find(
      ({ subject, variant }) => subject === source.subject && variant === source.variant,
    )
    if (row === undefined) return figure
    const scale = source.value === 'median' && result.unit === 'MB' ? 1e-6 : 1
    const measured = Number((row[source.value] * scale).toPrecision(3))
    return { ...figure, measured, note: `${rounds} rounds${note === '' ? '' : `, ${note}`}` }
  })
}

/** The table of targets and measured values, in Markdown. */
export function benchTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { measure, unit, target, measured, more = false, note = '' } = figure
    const value = (number: number): string => `${number}${unit === undefined ? '' : ` ${unit}`}`
    const [says, verdict] =
      measured === undefined
        ? ['not measured', '']
        : [value(measured), excess(figure)! <= 1 ? 'reached' : '**behind**']
    return `| ${measure} | ${more ? '≥' : '≤'} ${value(target)} | ${says} | ${verdict} | ${note} |`
  })
  return [
    '| measure | target | measured | | how |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

const width = 1000
const [left, right, top, step] = [560, 920, 46, 24]
/** The chart ends at a tenth and at ten times the target. */
const end = 10

/** A chart of measured over target, on a logarithmic scale: what reaches beyond the line at 1 is behind. */
export function benchChart(figures: readonly Figure[]): string {
  const known = figures.filter((figure) => excess(figure) !== undefined)
  const height = top + known.length * step + 34
  const at = (ratio: number): number => {
    const share = Math.log(Math.min(end, Math.max(1 / end, ratio))) / Math.log(end)
    return Math.round(10 * (left + ((share + 1) / 2) * (right - left))) / 10
  }
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10].map(
    (tick) =>
      `<line x1="${at(tick)}" x2="${at(tick)}" y1="${top - 8}" y2="${height - 26}" stroke="${tick === 1 ? '#333' : '#ddd'}"/>` +
      `<text x="${at(tick)}" y="${height - 10}" text-anchor="middle">${tick}</text>`,
  )
  const bars = known.map((figure, index) => {
    const ratio = excess(figure)!
    const y = top + index * step
    const [from, to] = [Math.min(at(1), at(ratio)), Math.max(at(1), at(ratio))]
    const behind = ratio > 1
    const beside = behind ? `x="${to + 5}"` : `x="${from - 5}" text-anchor="end"`
    return (
      `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${escaped(figure.measure.replaceAll('`', ''))}</text>` +
      `<rect x="${from}" y="${y}" width="${Math.max(1, to - from).toFixed(1)}" height="15" fill="${behind ? '#c2571a' : '#2a6f97'}"/>` +
      `<text ${beside} y="${y + 11}">${ratio.toFixed(2)}${behind ? ' behind' : ''}</text>`
    )
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#222">`,
    '<title>Measured values over their targets</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="20" font-size="13">measured over target (1: the target, less is better)</text>`,
    ...ticks,
    ...bars,
    '</svg>\n',
  ].join('\n')
}

/** Measured over target, or the inverse where more is better; at most 1: the target is reached. */
function excess({ target, measured, more = false }: Figure): number | undefined {
  if (measured === undefined) return undefined
  return more ? target / measured : measured / target
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
