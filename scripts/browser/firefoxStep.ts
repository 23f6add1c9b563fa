import type { Step } from '../steps/Step.ts'
import { aptSource } from './aptSource.ts'
import { firefox } from './firefox.ts'
import { installedFirefox } from './installedFirefox.ts'
import { obtainBrowser } from './obtainBrowser.ts'

/**
 * Finds or installs a Firefox for the later steps, as `FIREFOX_PATH` in the environment. Without one its tests are
 * skipped with a message; with `CI` set that is a failure.
 */
export const firefoxStep: Step = {
  name: 'firefox',
  // Not a test.
  tally: () => ({ passed: 0, failed: 0 }),
  run: async () => {
    try {
      const file = await obtainBrowser(firefox, installedFirefox, [aptSource('firefox-esr')])
      console.log(file)
      process.env['FIREFOX_PATH'] = file
    } catch (error) {
      if (process.env['CI']) throw error
      console.log(error instanceof Error ? error.message : error)
      console.log('The tests in Firefox are skipped.')
    }
  },
}
