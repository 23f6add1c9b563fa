import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { instance } from '@viz-js/viz'

const folder = path.resolve(import.meta.dirname, '../docs/drawings')

/**
 * Draws every `.dot` file of docs/drawings with Graphviz. `npm run drawings` writes the pictures; a test checks
 * that they are up to date.
 *
 * @returns SVG by the name of its file
 */
export async function drawings(): Promise<Map<string, string>> {
  const graphviz = await instance()
  const names = readdirSync(folder).filter((name) => name.endsWith('.dot'))
  return new Map(
    names.toSorted().map((name) => {
      const svg = graphviz.renderString(readFileSync(path.join(folder, name), 'utf8'), {
        format: 'svg',
      })
      return [path.join(folder, name.replace(/dot$/, 'svg')), svg]
    }),
  )
}

if (process.argv[1] === import.meta.filename) {
  for (const [file, svg] of await drawings()) writeFileSync(file, svg)
}
