import { playwrightStep } from '../steps/playwrightStep.ts'
import type { Step } from '../steps/Step.ts'
import { aptSource } from './aptSource.ts'
import { installedWebkit } from './installedWebkit.ts'
import { obtainBrowser } from './obtainBrowser.ts'
import { webkit } from './webkit.ts'

const tests = playwrightStep('webkit', {
  env: { WEBKIT: '1' },
  reporter: './e2e/webkit/stage/ResultTable.ts',
})

/** Finds WebKitGTK and runs the core tests in it. Without one, the message says what to install. */
export const webkitStep: Step = {
  ...tests,
  run: async () => {
    console.log(
      await obtainBrowser(webkit, installedWebkit, [aptSource('libwebkit2gtk-4.1-0', 'xvfb')]),
    )
    await tests.run()
  },
}
