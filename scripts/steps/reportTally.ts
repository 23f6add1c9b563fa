import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import type { Tally } from './Tally.ts'

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  testResults: { name: string; startTime: number; endTime: number }[]
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[]
  specs: { file: string; tests: { results: { duration: number }[] }[] }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number }
  suites: PlaywrightSuite[]
}

/** Number of test files that a summary names. */
const named = 8

/**
 * Reads the counts and the slowest files from the JSON report of vitest or Playwright. A test that passed only on a
 * retry counts as failed.
 *
 * @param file path of the report
 * @returns undefined when the file does not exist
 */
export function reportTally(file: string): Tally | undefined {
  if (!existsSync(file)) return undefined
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport | PlaywrightReport
  if (!('stats' in report)) {
    const times = report.testResults.map(
      ({ name, startTime, endTime }) => [path.relative('', name), endTime - startTime] as const,
    )
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      slowest: slowestOf(times),
    }
  }
  const { expected, unexpected, flaky } = report.stats
  const slowest = slowestOf(report.suites.flatMap((suite) => timesOf(suite)))
  return { passed: expected, failed: unexpected + flaky, slowest }
}

/** Milliseconds of each test of a suite, by file. */
function timesOf({ suites = [], specs }: PlaywrightSuite): (readonly [string, number])[] {
  const own = specs.flatMap(({ file, tests }) =>
    tests.flatMap(({ results }) => results.map(({ duration }) => [file, duration] as const)),
  )
  return [...own, ...suites.flatMap((suite) => timesOf(suite))]
}

function slowestOf(times: readonly (readonly [string, number])[]): NonNullable<Tally['slowest']> {
  const sums = new Map<string, number>()
  for (const [file, ms] of times) sums.set(file, (sums.get(file) ?? 0) + ms)
  return [...sums]
    .map(([file, ms]) => ({ file, seconds: ms / 1000 }))
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, named)
}
