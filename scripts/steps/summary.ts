import type { StepResult } from './StepResult.ts'

/**
 * A table of the steps that ran and of those that did not, the slowest test files, and the sum. A step that does not
 * gate can fail in the table, but not in the sum.
 *
 * @param results of {@link runSteps}
 * @param planned names of all steps
 * @param elapsed seconds of the whole run, which is less than the sum because some steps run at the same time
 * @returns lines; the last one reads `N passed, N failed`
 */
export function summary(
  results: readonly StepResult[],
  planned: readonly string[],
  elapsed: number,
): string {
  const width = Math.max(...planned.map((name) => name.length))
  const rows = planned.map((name) => {
    const result = results.find((each) => each.name === name)
    if (!result) return `  ${name.padEnd(width)}  not run`
    const { passed, failed, seconds, gates } = result
    const mark = failed > 0 ? '✗' : '✓'
    const counts = `${passed} passed, ${failed} failed${gates ? '' : ' (reported only)'}`
    return `${mark} ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${counts}`
  })
  const sum = (key: 'passed' | 'failed', of = results): number =>
    of.reduce((total, result) => total + result[key], 0)
  const failed = sum(
    'failed',
    results.filter(({ gates }) => gates),
  )
  const total = `  ${'total'.padEnd(width)}  ${elapsed.toFixed(1).padStart(6)} s`
  const slowest = results
    .flatMap(({ name, slowest: files = [] }) => files.map((each) => ({ ...each, name })))
    .map(({ name, file, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name}: ${file}`)
  const slow = slowest.length > 0 ? ['', 'Slowest test files:', ...slowest] : []
  const lines = [...rows, total, ...slow]
  return ['', ...lines, '', `${sum('passed')} passed, ${failed} failed`].join('\n')
}
