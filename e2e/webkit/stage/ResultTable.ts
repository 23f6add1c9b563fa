import type { FullConfig, Reporter, Suite, TestCase } from '@playwright/test/reporter'

/** Prints the result of each scenario, one row each. */
export default class ResultTable implements Reporter {
  #tests: readonly TestCase[] = []

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#tests = suite.allTests()
  }

  onEnd(): void {
    const lines = this.#tests.map(({ title, results }) => {
      const { status = 'not run', duration = 0 } = results.at(-1) ?? {}
      return [title, status, `${(duration / 1000).toFixed(1)} s`] as const
    })
    const rows = [['scenario', 'result', 'time'], ['---', '---', '---:'], ...lines]
    const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]!.length)))
    const table = rows.map(
      (row) => `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(' | ')} |`,
    )
    console.log(`\nIn WebKitGTK:\n\n${table.join('\n')}`)
  }
}
