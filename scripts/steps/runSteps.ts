import type { Step } from './Step.ts'
import type { StepResult } from './StepResult.ts'

/**
 * Runs steps one after another and prints the time of each; stops at the first failure of a step that
 * gates.
 *
 * @param print prints one line
 * @returns one result per step that ran, the failed one last
 */
export async function runSteps(
  steps: readonly Step[],
  print: (line: string) => void = console.log,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const step of steps) {
    print(`\n▶ ${step.name}`)
    const start = performance.now()
    let failure: unknown
    let failed = false
    try {
      await step.run()
    } catch (error) {
      failed = true
      failure = error
    }
    const seconds = (performance.now() - start) / 1000
    const tally = step.tally?.() ?? { passed: failed ? 0 : 1, failed: 0 }
    const { name, gates = true } = step
    const result = { name, seconds, gates, passed: tally.passed, failed: tally.failed }
    // A run that crashes before its first test reports no failed test, but it has failed.
    if (failed) result.failed = Math.max(1, tally.failed)
    results.push(result)
    if (failed) print(failure instanceof Error ? failure.message : String(failure))
    print(`${result.failed > 0 ? '✗' : '✓'} ${step.name} ${seconds.toFixed(1)} s`)
    if (result.failed > 0 && gates) break
  }
  return results
}
