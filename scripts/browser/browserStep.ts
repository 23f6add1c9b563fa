import type { Step } from '../steps/Step.ts'
import { browserSources } from './browserSources.ts'
import { chromium } from './chromium.ts'
import { installedBrowser } from './installedBrowser.ts'
import { obtainBrowser } from './obtainBrowser.ts'

/** Finds or installs a browser for the later steps, as `CHROMIUM_PATH` in the environment. */
export const browserStep: Step = {
  name: 'browser',
  // Not a test.
  tally: () => ({ passed: 0, failed: 0 }),
  run: async () => {
    const file = await obtainBrowser(chromium, installedBrowser, browserSources)
    console.log(file)
    process.env['CHROMIUM_PATH'] = file
  },
}
