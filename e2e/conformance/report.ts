import type { Cell } from './cells.ts'

/** Table of failing cells by kind of server. */
export function tableOf(cells: readonly Cell[], part: string): string {
  const kinds = [...new Set(cells.map(({ kind }) => kind))]
  const rows = [...kinds, undefined].map((kind) => {
    const some = cells.filter((cell) => kind === undefined || cell.kind === kind)
    const reds = some.filter(({ red }) => red !== undefined)
    const servers = new Set(some.map(({ behaviour }) => behaviour)).size
    const added = some.map(({ oursMs, plainMs }) => oursMs - plainMs).toSorted((a, b) => a - b)
    const median = added[Math.floor(added.length / 2)] ?? 0
    const ratios = some
      .filter(isFirstWhole)
      .map(({ oursBytes = 0, plainBytes = 0 }) => oursBytes / plainBytes)
    const worst = ratios.length === 0 ? '' : Math.max(...ratios).toFixed(2)
    const numbers = [servers, some.length, reds.length, median, added.at(-1) ?? 0]
    return [kind ?? 'all', ...numbers.map(String), worst]
  })
  const heads = [
    'servers',
    'behaviours',
    'cells',
    'red',
    'added ms, median',
    'worst',
    'most bytes over plain',
  ]
  const lines = [heads, heads.map(() => '---'), ...rows]
  const widths = heads.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  const table = lines.map(
    (line) => `| ${line.map((text, at) => text.padEnd(widths[at]!)).join(' | ')} |`,
  )
  return `\nConformance, ${part}:\n\n${table.join('\n')}\n${gaveUpLine(cells)}`
}

/** How much later the headers came where the way by Xet was given up for the page's own request. */
function gaveUpLine(cells: readonly Cell[]): string {
  const delays = cells.flatMap(({ gaveUpMs }) => gaveUpMs ?? []).toSorted((a, b) => a - b)
  if (delays.length === 0) return ''
  const median = delays[Math.floor(delays.length / 2)]
  return `\nGiven up for the page's own request: ${delays.length} cells; its headers came ${median} ms later (median), ${delays.at(-1)} ms (worst).\n`
}

/** Whole files at a first visit that both pages received equally, so their cost can be compared. */
function isFirstWhole({ request, visit, red, plainBytes }: Cell): boolean {
  return request === 'whole' && visit === 'first' && red === undefined && (plainBytes ?? 0) > 10_000
}

/** Red cells shown at most; the report holds all of them. */
const most = 60

/** Red cells, one a line; empty where there is none. */
export function redLines(cells: readonly Cell[]): string {
  return cells
    .filter(({ red }) => red !== undefined)
    .slice(0, most)
    .map(({ behaviour, request, visit, red, plain, ours }) => {
      return `${behaviour} | ${request} | ${visit}: ${red} (plain ${plain}; ours ${ours})`
    })
    .join('\n')
}
