import { runNpm } from './runNpm.ts'
import type { Step } from './Step.ts'

/**
 * A step that is a script of package.json.
 *
 * @param name name in the output
 * @param script its name in `scripts`
 * @param limitMs timeout in milliseconds; default 15 minutes
 */
export function npmStep(name: string, script: string, limitMs: number = 15 * 60_000): Step {
  return { name, run: () => runNpm(['run', '--silent', script], { limitMs }) }
}
