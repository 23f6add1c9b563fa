import type { Reporter, Suite, TestCase, FullConfig } from '@playwright/test/reporter'
import type { ContractCell } from './ContractCell.ts'
import { markdownTable } from '../../stage/markdown.ts'

const columns = (['page', 'ferry'] as const).flatMap((by) =>
  (['cold', 'held', 'offline'] as const).map((state) => ({ by, state })),
)

/** Prints modelferry's answers beside a plain server's: a row for each request, a column for each state. */
export default class ContractTable implements Reporter {
  #tests: readonly TestCase[] = []

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#tests = suite.allTests()
  }

  onEnd(): void {
    const cells = this.#tests
      .flatMap(({ results }) => results.at(-1)?.annotations ?? [])
      .filter(({ type }) => type === 'contract')
      .map(({ description = '' }) => JSON.parse(description) as ContractCell)
    for (const origin of new Set(cells.map((cell) => cell.origin))) {
      const rows = cells.filter((cell) => cell.origin === origin)
      const requests = [...new Set(rows.map(({ request }) => request))]
      const heads = columns.map(({ by, state }) => `${by}, ${state}`)
      const lines = requests.map((request) => {
        const row = rows.filter((cell) => cell.request === request)
        const shown = columns.map(({ by, state }) =>
          show(row.find((cell) => cell.by === by && cell.state === state)),
        )
        return [request, String(row[0]?.plain ?? ''), ...shown]
      })
      console.log(`\nFiles of ${origin}: status, requests that reached it, kB:\n`)
      console.log(markdownTable([['request', 'plain', ...heads], ...lines]))
    }
  }
}

function show(cell: ContractCell | undefined): string {
  if (cell === undefined) return ''
  const { ours, requests, bytes } = cell
  const status = ours === 0 ? 'fails' : String(ours)
  return requests === 0 ? status : `${status}, ${requests}, ${(bytes / 1000).toFixed(1)}`
}
