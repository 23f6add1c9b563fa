import { chromium } from 'playwright'

import { browserCandidates } from './browserCandidates.ts'
import { browserRuns } from './browserRuns.ts'

/** What {@link installedBrowser} asks of the system; replaced in tests. */
export interface BrowserSystem {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  runs(file: string): boolean
  /** Where Playwright keeps the Chromium it downloads, there or not. */
  managed(): string
}

const thisSystem: BrowserSystem = {
  platform: process.platform,
  env: process.env,
  runs: browserRuns,
  managed: () => chromium.executablePath(),
}

/**
 * Finds a Chromium or Chrome without fetching one: the one named by `CHROMIUM_PATH` or `CHROME_PATH`, an
 * installed one, or Playwright's own.
 *
 * @returns its path; nothing when there is none
 * @throws Error when the environment names one that does not start: a choice is not replaced silently
 */
export function installedBrowser(system: BrowserSystem = thisSystem): string | undefined {
  for (const name of ['CHROMIUM_PATH', 'CHROME_PATH']) {
    const file = system.env[name]
    if (file === undefined || file === '') continue
    if (system.runs(file)) return file
    throw new Error(
      `${name} is "${file}", which is no Chromium or Chrome that starts. Correct it or unset it.`,
    )
  }
  const candidates = [...browserCandidates(system.platform, system.env), system.managed()]
  return candidates.find((file) => system.runs(file))
}
