import { reportTally } from './reportTally.ts'
import { runNpm } from './runNpm.ts'
import type { Step } from './Step.ts'

/**
 * A step that runs a script of package.json which is vitest, and counts its tests.
 *
 * @param name what to show
 * @param script its name in `scripts`
 * @param options.env added to the environment
 * @param options.limitMs milliseconds after which it is ended and has failed
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
