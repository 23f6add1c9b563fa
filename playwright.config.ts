import { defineConfig } from '@playwright/test'
import type { PlaywrightTestConfig } from '@playwright/test'

import { chromiumArgs } from './scripts/browser/chromiumArgs.ts'
import { installedBrowser } from './scripts/browser/installedBrowser.ts'
import { installedFirefox } from './scripts/browser/installedFirefox.ts'

const executablePath = installedBrowser()

/** LONG=1 runs the tests that take minutes, and only those. */
const long = process.env['LONG'] === '1'
/** Set by `npm run compat`: the tests with clients in other languages, and only those. */
const compat = process.env['COMPAT_PYTHON'] !== undefined

const config: PlaywrightTestConfig = defineConfig({
  testDir: long ? 'e2e/long' : compat ? 'e2e/compat' : 'e2e',
  testMatch: '**/*.spec.ts',
  testIgnore: [
    ...(long || compat ? [] : ['long/**', 'compat/**']),
    // `npm test` says so, and CI does not get this far without one.
    ...(installedFirefox() === undefined ? ['firefox/**'] : []),
  ],
  // Without the sources' paths: the tests import the built package by its name.
  tsconfig: 'tsconfig.run.json',
  globalSetup: './e2e/stage/globalSetup.ts',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: long ? 20 * 60_000 : 60_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    trace: 'off',
    video: 'off',
    screenshot: 'off',
    launchOptions: {
      ...(executablePath !== undefined && { executablePath }),
      args: [...chromiumArgs],
    },
  },
})

export default config
