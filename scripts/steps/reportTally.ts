import { existsSync, readFileSync } from 'node:fs'

import type { Tally } from './Tally.ts'

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number }
}

/**
 * Reads the counts from the JSON report of vitest or Playwright. A test that passed only on a retry counts as failed.
 *
 * @param file path of the report
 * @returns undefined when the file does not exist
 */
export function reportTally(file: string): Tally | undefined {
  if (!existsSync(file)) return undefined
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport | PlaywrightReport
  if (!('stats' in report)) return { passed: report.numPassedTests, failed: report.numFailedTests }
  const { expected, unexpected, flaky } = report.stats
  return { passed: expected, failed: unexpected + flaky }
}
