import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { instance } from '@viz-js/viz'

import { benchChart, benchTable, withResult, type BenchResult, type Figure } from './bench-chart.ts'

const docs = path.resolve(import.meta.dirname, '../docs')
const folder = path.join(docs, 'drawings')
const figuresFile = path.join(folder, 'bench.json')
const benchPage = path.join(docs, 'bench.md')
const tablePlace = /(<!-- npm run drawings writes this table -->\n)[^]*?(\n<!-- end -->)/

/**
 * Draws every `.dot` file of docs/drawings with Graphviz, and the chart and the table of its bench.json.
 * `npm run drawings` writes them; a test checks that they are up to date.
 *
 * @returns SVG or Markdown by the name of its file
 */
export async function drawings(): Promise<Map<string, string>> {
  const graphviz = await instance()
  const names = readdirSync(folder).filter((name) => name.endsWith('.dot'))
  const drawn = new Map(
    names.toSorted().map((name) => {
      const svg = graphviz.renderString(readFileSync(path.join(folder, name), 'utf8'), {
        format: 'svg',
      })
      return [path.join(folder, name.replace(/dot$/, 'svg')), svg]
    }),
  )
  const figures = read(figuresFile) as Figure[]
  const page = readFileSync(benchPage, 'utf8')
  drawn.set(path.join(folder, 'bench.svg'), benchChart(figures))
  return drawn.set(
    benchPage,
    page.replace(tablePlace, (_, start, end) => `${start}\n${benchTable(figures)}\n${end}`),
  )
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

if (process.argv[1] === import.meta.filename) {
  // npm run drawings -- [--note TEXT] FILE...: takes over figures from files of npm run bench -- MODE --json FILE first.
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { note: { type: 'string', default: '' } },
  })
  if (positionals.length > 0) {
    const figures = positionals.reduce<readonly Figure[]>(
      (known, file) => withResult(known, read(file) as BenchResult, values.note),
      read(figuresFile) as Figure[],
    )
    writeFileSync(figuresFile, `${JSON.stringify(figures, null, 2)}\n`)
  }
  for (const [file, text] of await drawings()) writeFileSync(file, text)
}
