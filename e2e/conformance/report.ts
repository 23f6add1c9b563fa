import type { Cell } from './cells.ts'
import { knownReds } from './known-red.ts'
import type { KnownRed } from './known-red.ts'

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
  return `\nConformance, ${part}:\n\n${table.join('\n')}\n`
}

/** Whole files at a first visit that both pages received equally, so their cost can be compared. */
function isFirstWhole({ request, visit, red, plainBytes }: Cell): boolean {
  return request === 'whole' && visit === 'first' && red === undefined && (plainBytes ?? 0) > 10_000
}

/** Lines shown of each kind; the report holds all of them. */
const most = 60

/**
 * Compares the failing cells with the known ones.
 *
 * @param cells tested cells
 * @param all every cell of the table
 * @returns failing cells that are not listed, and listed entries whose cells all ran and all passed
 */
export function compareWithKnown(
  cells: readonly Cell[],
  all: readonly Pick<Cell, 'behaviour' | 'request' | 'visit'>[],
): { readonly unlisted: string[]; readonly mended: string[] } {
  const played = new Set(cells.map((cell) => lineOf(cell)))
  const unlisted = cells.filter(
    (cell) => cell.red !== undefined && !knownReds.some((known) => covers(known, cell)),
  )
  const mended = knownReds.flatMap(({ behaviours, ...known }) =>
    behaviours.filter((name) => {
      const own = all.filter(
        (cell) => cell.behaviour === name && covers({ behaviours, ...known }, cell),
      )
      const names = new Set(own.map((cell) => lineOf(cell)))
      return (
        [...names].every((name) => played.has(name)) &&
        !cells.some((cell) => cell.red !== undefined && names.has(lineOf(cell)))
      )
    }),
  )
  return {
    unlisted: unlisted
      .slice(0, most)
      .map((cell) => `${lineOf(cell)}: ${cell.red} (plain ${cell.plain}; ours ${cell.ours})`),
    mended: mended.map((name) => `${name} no longer fails: remove it from known-red.ts`),
  }
}

function covers(
  { behaviours, requests, visits }: KnownRed,
  { behaviour, request, visit }: Pick<Cell, 'behaviour' | 'request' | 'visit'>,
): boolean {
  return (
    behaviours.includes(behaviour) &&
    (requests?.includes(request) ?? true) &&
    (visits?.includes(visit) ?? true)
  )
}

function lineOf({
  behaviour,
  request,
  visit,
}: Pick<Cell, 'behaviour' | 'request' | 'visit'>): string {
  return `${behaviour} | ${request} | ${visit}`
}
