import { chromium as managed } from 'playwright'
import { browserRuns } from './browserRuns.ts'
import { chromium } from './chromium.ts'
import { findBrowser } from './findBrowser.ts'

/**
 * The Chromium or Chrome of this machine: the one named by `CHROMIUM_PATH` or `CHROME_PATH`, an installed one,
 * or Playwright's own.
 *
 * @returns its path; undefined when there is none
 * @throws Error as {@link findBrowser} does
 */
export function installedBrowser(): string | undefined {
  const own = managed.executablePath()
  return findBrowser(chromium) ?? (browserRuns(own, chromium.says) ? own : undefined)
}
