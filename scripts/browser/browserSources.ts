import { runProgram } from '../steps/runProgram.ts'
import { aptSource } from './aptSource.ts'
import type { BrowserSource } from './obtainBrowser.ts'

/** The ways to install a Chromium, the least invasive first. */
export const browserSources: readonly BrowserSource[] = [
  {
    name: "Playwright's own download (at most 120 s)",
    possible: () => true,
    install: () =>
      runProgram(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'], {
        limitMs: 120_000,
      }),
  },
  // Without a font a page shows no letters, and the demo recognises letters on a canvas.
  aptSource('chromium', 'fonts-liberation'),
]
