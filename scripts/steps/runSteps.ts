import type { Step } from './Step.ts'
import type { StepResult } from './StepResult.ts'

/** Steps that run at the same time: those that need neither a browser nor a quiet machine. */
export type StepGroup = readonly Step[]

/**
 * Runs steps one after another and prints the time of each; stops after the first failure of a step that
 * gates. The steps of a group run at the same time, and all of them end before the run goes on or stops.
 *
 * @param print prints one line
 * @returns one result per step that ran
 */
export async function runSteps(
  steps: readonly (Step | StepGroup)[],
  print: (line: string) => void = console.log,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const each of steps) {
    const group = [each].flat()
    print(`\n▶ ${group.map(({ name }) => name).join(', ')}`)
    await Promise.all(group.map(async (step) => results.push(await runStep(step, print))))
    if (results.some(({ failed, gates }) => failed > 0 && gates)) break
  }
  return results
}

async function runStep(step: Step, print: (line: string) => void): Promise<StepResult> {
  const start = performance.now()
  let failure: unknown
  let broken = false
  try {
    await step.run()
  } catch (error) {
    broken = true
    failure = error
  }
  const seconds = (performance.now() - start) / 1000
  const { name, gates = true } = step
  const tally = step.tally?.() ?? { passed: broken ? 0 : 1, failed: 0 }
  // A run that crashes before its first test reports no failed test, but it has failed.
  const failed = broken ? Math.max(1, tally.failed) : tally.failed
  const result = { ...tally, name, seconds, gates, failed }
  if (broken) print(failure instanceof Error ? failure.message : String(failure))
  print(`${result.failed > 0 ? '✗' : '✓'} ${name} ${seconds.toFixed(1)} s`)
  return result
}
