import { runProgram } from '../steps/runProgram.ts'
import type { Step } from '../steps/Step.ts'
import { aptSource } from './aptSource.ts'
import { browserSources } from './browserSources.ts'
import { chromium } from './chromium.ts'
import { firefox } from './firefox.ts'
import { headlessShell, installedHeadlessShell } from './headlessShell.ts'
import { installedBrowser } from './installedBrowser.ts'
import { installedFirefox } from './installedFirefox.ts'
import { obtainBrowser } from './obtainBrowser.ts'
import type { BrowserSource } from './obtainBrowser.ts'

/** The system's package comes first: Playwright's download was tried for the browser itself. */
const shellSources: readonly BrowserSource[] = [
  aptSource('chromium-headless-shell'),
  {
    name: "Playwright's own download (at most 60 s)",
    possible: () => true,
    install: () => {
      const args = ['node_modules/playwright/cli.js', 'install', '--only-shell', 'chromium']
      return runProgram(process.execPath, args, { limitMs: 60_000 })
    },
  },
]

/**
 * Finds or installs the browsers for the later steps, as `CHROMIUM_PATH`, `HEADLESS_SHELL_PATH` and `FIREFOX_PATH` in
 * the environment. Without a headless shell its tests run in the browser itself. Without a Firefox its tests are skipped
 * with a message; with `CI` set that is a failure.
 *
 * @param shell whether a headless shell is needed
 */
export function browsersStep({ shell }: { shell: boolean }): Step {
  return {
    name: 'browsers',
    // Not a test.
    tally: () => ({ passed: 0, failed: 0 }),
    run: async () => {
      await provide(
        () => obtainBrowser(chromium, installedBrowser, browserSources),
        'CHROMIUM_PATH',
      )
      if (shell)
        await provide(
          () => obtainBrowser(headlessShell, installedHeadlessShell, shellSources),
          'HEADLESS_SHELL_PATH',
          'All tests run in the browser itself, which takes longer.',
        )
      const instead = process.env['CI'] ? undefined : 'The tests in Firefox are skipped.'
      await provide(
        () => obtainBrowser(firefox, installedFirefox, [aptSource('firefox-esr')]),
        'FIREFOX_PATH',
        instead,
      )
    },
  }
}

/** @param instead what is done without the browser; undefined: that is a failure */
async function provide(
  obtain: () => Promise<string>,
  variable: string,
  instead?: string,
): Promise<void> {
  try {
    const file = await obtain()
    console.log(file)
    process.env[variable] = file
  } catch (error) {
    if (instead === undefined) throw error
    console.log(error instanceof Error ? error.message : error)
    console.log(instead)
  }
}
