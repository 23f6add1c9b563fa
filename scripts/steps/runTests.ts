import { rmSync } from 'node:fs'

import { runSteps } from './runSteps.ts'
import type { StepGroup } from './runSteps.ts'
import type { Step } from './Step.ts'
import { summary } from './summary.ts'

/**
 * Runs steps as a test: shows a summary, its last line `N passed, N failed`, and sets the exit code.
 *
 * @param steps run in this order, those of a group at the same time, up to the first that fails
 */
export async function runTests(steps: readonly (Step | StepGroup)[]): Promise<void> {
  // A report of an earlier run must not count for this one.
  rmSync('.cache/reports', { recursive: true, force: true })
  // Set by run.mjs, which may have installed the packages before this process started.
  const start = Number(process.env['RUN_STARTED_AT'] ?? Date.now())
  const results = await runSteps(steps)
  const names = steps.flat().map((step) => step.name)
  console.log(summary(results, names, (Date.now() - start) / 1000))
  process.exitCode = results.some(({ failed, gates }) => failed > 0 && gates) ? 1 : 0
}
