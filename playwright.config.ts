import { defineConfig } from '@playwright/test'
import type { LaunchOptions, PlaywrightTestConfig } from '@playwright/test'

import { chromiumArgs } from './scripts/browser/chromiumArgs.ts'
import { installedHeadlessShell } from './scripts/browser/headlessShell.ts'
import { installedBrowser } from './scripts/browser/installedBrowser.ts'
import { installedFirefox } from './scripts/browser/installedFirefox.ts'

/** LONG=1 runs the tests that take minutes, and only those. */
const long = process.env['LONG'] === '1'
/** LIFETIME=1 runs those that wait for browsers to end service workers, and only those. */
const lifetime = process.env['LIFETIME'] === '1'
/** WEBKIT=1 runs the core in Safari's engine, as there is one for Linux, and only that. */
const webkit = process.env['WEBKIT'] === '1'
/** Set by `npm run compat`: the tests with clients in other languages, and only those. */
const compat = process.env['COMPAT_PYTHON'] !== undefined
const [only] = Object.entries({ long, lifetime, webkit, compat }).find(([, chosen]) => chosen) ?? []

const browser = installedBrowser()
/** The whole table belongs to the long run. */
const quick = only === undefined && process.env['CONFORMANCE'] !== 'all'
/**
 * Most tests of `npm test` run in Chromium's headless shell, where a page takes a third of the processor time. These, and
 * all tests of the long run, use the browser itself.
 */
const inBrowser = /\/e2e\/(?:load|restart|shell|tabs|strict\/isolation)\.spec\.ts$/

function launched(file: string | undefined): { launchOptions: LaunchOptions } {
  const executablePath = file === undefined ? {} : { executablePath: file }
  return { launchOptions: { ...executablePath, args: [...chromiumArgs] } }
}

/**
 * Folders whose tests need something that most machines do not have, or much time. The patterns name `e2e` too: they
 * match whole paths, and the folder of a checkout may be called `long`.
 */
const apart = ['e2e/lifetime/**', 'e2e/webkit/**', 'e2e/compat/**']
/** Variants of tests of `npm test`, which are too many for it: see e2e/stage/onlyLong.ts. */
const variants = /@long/

const ignored = [
  ...(only === undefined ? ['e2e/long/**', ...apart] : []),
  ...(long ? apart : []),
  // `npm test` says so, and CI does not get this far without one.
  ...(installedFirefox() === undefined ? ['firefox/**'] : []),
]

const config: PlaywrightTestConfig = defineConfig({
  testDir: only === undefined || long ? 'e2e' : `e2e/${only}`,
  testMatch: '**/*.spec.ts',
  testIgnore: ignored,
  ...(only === undefined && { grepInvert: variants }),
  ...(long && {
    projects: [
      { name: 'long', testDir: 'e2e/long' },
      { name: 'variants', testIgnore: ['e2e/long/**', ...apart], grep: variants },
    ],
  }),
  ...(quick && {
    projects: [
      {
        name: 'shell',
        testIgnore: [...ignored, inBrowser],
        use: launched(installedHeadlessShell() ?? browser),
      },
      { name: 'browser', testMatch: inBrowser },
    ],
  }),
  // Without the sources' paths: the tests import the built package by its name.
  tsconfig: 'tsconfig.run.json',
  // They upload files of their own.
  ...(!lifetime && { globalSetup: './e2e/stage/globalSetup.ts' }),
  outputDir: 'test-results',
  // Tests wait for servers and time limits, most of all those of service workers' lifetimes.
  workers: lifetime ? 6 : quick ? 3 : 2,
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
    ...launched(browser),
  },
})

export default config
