import { defineConfig } from '@playwright/test'
import type { PlaywrightTestConfig } from '@playwright/test'

import { chromiumArgs } from './scripts/browser/chromiumArgs.ts'
import { installedBrowser } from './scripts/browser/installedBrowser.ts'
import { installedFirefox } from './scripts/browser/installedFirefox.ts'

const executablePath = installedBrowser()

/** LONG=1 runs the tests that take minutes, and only those. */
const long = process.env['LONG'] === '1'
/** LIFETIME=1 runs those that wait for browsers to end service workers, and only those. */
const lifetime = process.env['LIFETIME'] === '1'
/** WEBKIT=1 runs the core in Safari's engine, as there is one for Linux, and only that. */
const webkit = process.env['WEBKIT'] === '1'
/** Set by `npm run compat`: the tests with clients in other languages, and only those. */
const compat = process.env['COMPAT_PYTHON'] !== undefined
const [only] = Object.entries({ long, lifetime, webkit, compat }).find(([, chosen]) => chosen) ?? []

/** Folders whose tests need something that most machines do not have, or much time. */
const apart = ['lifetime/**', 'webkit/**', 'compat/**']
/** Variants of tests of `npm test`, which are too many for it: see e2e/stage/onlyLong.ts. */
const variants = /@long/

const config: PlaywrightTestConfig = defineConfig({
  testDir: only === undefined || long ? 'e2e' : `e2e/${only}`,
  testMatch: '**/*.spec.ts',
  testIgnore: [
    ...(only === undefined ? ['long/**', ...apart] : []),
    ...(long ? apart : []),
    // `npm test` says so, and CI does not get this far without one.
    ...(installedFirefox() === undefined ? ['firefox/**'] : []),
  ],
  ...(only === undefined && { grepInvert: variants }),
  ...(long && {
    projects: [
      { name: 'long', testDir: 'e2e/long' },
      { name: 'variants', testIgnore: ['long/**', ...apart], grep: variants },
    ],
  }),
  // Without the sources' paths: the tests import the built package by its name.
  tsconfig: 'tsconfig.run.json',
  // They upload files of their own.
  ...(!lifetime && { globalSetup: './e2e/stage/globalSetup.ts' }),
  outputDir: 'test-results',
  // Who mostly waits has no use for a processor.
  workers: lifetime ? 6 : 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: long || lifetime ? 20 * 60_000 : 60_000,
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
