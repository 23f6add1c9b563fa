import type { StepResult } from './StepResult.ts'

/**
 * A table of the steps that ran and of those that did not, and the sum. A step that does not gate can fail in the
 * table, but not in the sum.
 *
 * @param results of {@link runSteps}
 * @param planned names of all steps
 * @returns lines; the last one reads `N passed, N failed`
 */
export function summary(results: readonly StepResult[], planned: readonly string[]): string {
  const width = Math.max(...planned.map((name) => name.length))
  const rows = planned.map((name) => {
    const result = results.find((each) => each.name === name)
    if (!result) return `  ${name.padEnd(width)}  not run`
    const { passed, failed, seconds, gates } = result
    const mark = failed > 0 ? '✗' : '✓'
    const counts = `${passed} passed, ${failed} failed${gates ? '' : ' (reported only)'}`
    return `${mark} ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${counts}`
  })
  const sum = (key: 'passed' | 'failed' | 'seconds', of = results): number =>
    of.reduce((total, result) => total + result[key], 0)
  const failed = sum(
    'failed',
    results.filter(({ gates }) => gates),
  )
  const total = `  ${'total'.padEnd(width)}  ${sum('seconds').toFixed(1).padStart(6)} s`
  return ['', ...rows, total, '', `${sum('passed')} passed, ${failed} failed`].join('\n')
}
