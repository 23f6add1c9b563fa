import { runNpm } from './runNpm.ts'
import type { Step } from './Step.ts'

/**
 * A step that is a script of package.json.
 *
 * @param name what to show
 * @param script its name in `scripts`
 * @param limitMs milliseconds after which it is ended and has failed; default 15 minutes
 */
export function npmStep(name: string, script: string, limitMs: number = 15 * 60_000): Step {
  return { name, run: () => runNpm(['run', '--silent', script], { limitMs }) }
}
