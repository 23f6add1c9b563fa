import type { Cell } from './cells.ts'
import { markdownTable } from '../stage/markdown.ts'

/** Table of failing cells by kind of server. */
export function tableOf(cells: readonly Cell[], part: string): string {
  const kinds = [...new Set(cells.map(({ kind }) => kind))]
  const rows = [...kinds, undefined].map((kind) => {
    const some = cells.filter((cell) => kind === undefined || cell.kind === kind)
    const reds = some.filter(({ red }) => red !== undefined)
    const servers = new Set(some.map(({ behaviour }) => behaviour)).size
    const added = some.map(({ oursMs, plainMs }) => oursMs - plainMs).toSorted((a, b) => a - b)
    const median = added[Math.floor(added.length / 2)] ?? 0
    const worst = some.map((cell) => timesSize(cell, 'ours')).toSorted((a, b) => b - a)[0] ?? 0
    const numbers = [servers, some.length, reds.length, median, added.at(-1) ?? 0]
    return [kind ?? 'all', ...numbers.map(String), worst.toFixed(2)]
  })
  const heads = [
    'servers',
    'behaviours',
    'cells',
    'red',
    'added ms, median',
    'worst',
    'most bytes over size',
  ]
  return `\nConformance, ${part}:\n\n${markdownTable([heads, ...rows])}\n${gaveUpLine(cells)}${bytesTable(cells)}`
}

/** Servers in the table of bytes. */
const mostServers = 10

/** The servers that sent most, as multiples of the file's size, by the worst request of a first visit. */
function bytesTable(cells: readonly Cell[]): string {
  const worst = new Map<string, Cell>()
  for (const cell of cells)
    if (timesSize(cell, 'ours') > timesSize(worst.get(cell.behaviour), 'ours'))
      worst.set(cell.behaviour, cell)
  if (worst.size === 0) return ''
  const rows = [...worst.values()]
    .toSorted((a, b) => timesSize(b, 'ours') - timesSize(a, 'ours'))
    .slice(0, mostServers)
    .map((cell) => [
      cell.behaviour,
      cell.request,
      timesSize(cell, 'ours').toFixed(2),
      timesSize(cell, 'plain').toFixed(2),
    ])
  return `\nBytes over file size:\n\n${markdownTable([['server', 'request', 'ours', 'plain'], ...rows])}\n`
}

/** Bytes of bodies as a multiple of the file's size, at a first visit; 0 where they were not counted. */
function timesSize(cell: Cell | undefined, side: 'ours' | 'plain'): number {
  if (cell?.visit !== 'first' || cell.size === 0) return 0
  return ((side === 'ours' ? cell.oursBytes : cell.plainBytes) ?? 0) / cell.size
}

/** How much later the headers came where the way by Xet was given up for the page's own request. */
function gaveUpLine(cells: readonly Cell[]): string {
  const delays = cells.flatMap(({ gaveUpMs }) => gaveUpMs ?? []).toSorted((a, b) => a - b)
  if (delays.length === 0) return ''
  const median = delays[Math.floor(delays.length / 2)]
  return `\nGiven up for the page's own request: ${delays.length} cells; its headers came ${median} ms later (median), ${delays.at(-1)} ms (worst).\n`
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
