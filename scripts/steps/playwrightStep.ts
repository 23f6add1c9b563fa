import { reportTally } from './reportTally.ts'
import { runNpm } from './runNpm.ts'
import type { Step } from './Step.ts'

/**
 * A step that runs the end-to-end tests and counts them.
 *
 * @param name name in the output, and of its report
 * @param options.env added to the environment
 * @param options.args for Playwright
 * @param options.reporter an additional reporter
 * @param options.limitMs timeout in milliseconds
 */
export function playwrightStep(
  name: string,
  options: {
    env?: Record<string, string>
    args?: readonly string[]
    reporter?: string
    limitMs?: number
  } = {},
): Step {
  const { args = [], env = {}, reporter, ...rest } = options
  const reporters = ['list', 'json', ...(reporter === undefined ? [] : [reporter])]
  const file = `.cache/reports/${name}.json`
  const report = { PLAYWRIGHT_JSON_OUTPUT_FILE: file, ...env }
  return {
    name,
    run: () =>
      runNpm(['run', '--silent', 'e2e', '--', `--reporter=${reporters.join(',')}`, ...args], {
        ...rest,
        env: report,
      }),
    tally: () => reportTally(file),
  }
}
