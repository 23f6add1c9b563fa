import { reportTally } from './reportTally.ts'
import { runNpm } from './runNpm.ts'
import type { Step } from './Step.ts'

/**
 * A step that runs a vitest script of package.json and counts its tests.
 *
 * @param name name in the output
 * @param script its name in `scripts`
 * @param options.env added to the environment
 * @param options.limitMs timeout in milliseconds
 */
export function vitestStep(
  name: string,
  script: string,
  options: { env?: Record<string, string>; limitMs?: number } = {},
): Step {
  const file = `.cache/reports/${script.replace(':', '-')}.json`
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  return {
    name,
    run: () => runNpm(['run', '--silent', script, '--', ...reporters], options),
    tally: () => reportTally(file),
  }
}
