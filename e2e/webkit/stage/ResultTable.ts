import type { FullConfig, Reporter, Suite, TestCase } from '@playwright/test/reporter'
import { markdownTable } from '../../stage/markdown.ts'

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
    const table = markdownTable([['scenario', 'result', 'time'], ...lines], [2])
    console.log(`\nIn WebKitGTK:\n\n${table}`)
  }
}
