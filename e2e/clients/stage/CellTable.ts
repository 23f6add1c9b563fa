import type { FullConfig, Reporter, Suite, TestCase } from '@playwright/test/reporter'
import type { Cell } from './Cell.ts'
import { markdownTable } from '../../stage/markdown.ts'

const loads = ['cold', 'warm', 'offline'] as const

/** Prints what the clients cost: a row for each of them and the realm it ran in, a column for each load. */
export default class CellTable implements Reporter {
  #tests: readonly TestCase[] = []

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#tests = suite.allTests()
  }

  onEnd(): void {
    const rows = new Map<string, Partial<Record<Cell['load'], Cell>>>()
    for (const { type, description = '' } of this.#tests.flatMap(notesOf)) {
      if (type !== 'cell') continue
      const cell = JSON.parse(description) as Cell
      const name = `${cell.client}, ${cell.realm}`
      rows.set(name, { ...rows.get(name), [cell.load]: cell })
    }
    const lines = [...rows].map(([name, cells]) => [
      name,
      ...loads.map((load) => show(cells[load])),
    ])
    const table = markdownTable([['client', ...loads], ...lines], [1, 2, 3])
    console.log(`\nRequests to hub and storage, their bytes, and the time:\n\n${table}`)
  }
}

function notesOf({ results }: TestCase): { type: string; description?: string }[] {
  return results.at(-1)?.annotations ?? []
}

function show(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  const { requests, bytes, ms } = cell
  const seconds = `${(ms / 1000).toFixed(1)} s`
  if (requests === 0) return `nothing, ${seconds}`
  return `${requests} requests, ${(bytes / 1e6).toFixed(2)} MB, ${seconds}`
}
