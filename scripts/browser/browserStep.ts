import type { Step } from '../steps/Step.ts'
import { browserSources } from './browserSources.ts'
import { chromium } from './chromium.ts'
import { installedBrowser } from './installedBrowser.ts'
import { obtainBrowser } from './obtainBrowser.ts'

/** Gets a browser and hands it to the steps that follow, as `CHROMIUM_PATH` in the environment. */
export const browserStep: Step = {
  name: 'browser',
  // It prepares for tests and is none.
  tally: () => ({ passed: 0, failed: 0 }),
  run: async () => {
    const file = await obtainBrowser(chromium, installedBrowser, browserSources)
    console.log(file)
    process.env['CHROMIUM_PATH'] = file
  },
}
