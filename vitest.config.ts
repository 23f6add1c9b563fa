import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import type { ViteUserConfig } from 'vitest/config'

import { chromiumArgs } from './scripts/browser/chromiumArgs.ts'
import { installedBrowser } from './scripts/browser/installedBrowser.ts'
import { buildDefines } from './scripts/build/buildDefines.ts'

// Put in by the transform, as in a build; Vite's own `define` reaches no browser test.
const oxc = { define: buildDefines(import.meta.dirname) }
const executablePath = installedBrowser()
const rooms = '{src,sw,scripts,demo}'

/** Packages that browser tests import. */
const bundled = [
  '@noble/hashes/blake3.js',
  '@noble/hashes/hmac.js',
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'comlink',
  'fast-check',
  'hono/tiny',
  'idb-keyval',
  'structured-headers',
  'tldts',
  'valibot',
  'workbox-core',
]

/** LONG=1 runs the tests that take minutes, and only those. */
const long = process.env['LONG'] === '1'
const suffix = long ? 'long.test.ts' : 'test.ts'

const config: ViteUserConfig = defineConfig({
  test: {
    passWithNoTests: long,
    // By default Vitest leaves one core idle, which on two cores is half of them.
    maxWorkers: '100%',
    projects: [
      {
        oxc,
        test: {
          name: 'unit',
          include: [`${rooms}/**/*.${suffix}`],
          exclude: ['**/*.browser.*', ...(long ? [] : ['**/*.long.test.ts'])],
          environment: 'node',
          // Tests mock no modules, and a file that imports the same modules again spends half of its time on that.
          isolate: false,
          unstubGlobals: true,
          restoreMocks: true,
          setupFiles: ['scripts/steps/unitSetup.ts'],
          testTimeout: long ? 20 * 60_000 : 30_000,
        },
      },
      {
        oxc,
        // What is found only while tests run makes the page load again, and its tests fail.
        optimizeDeps: { include: bundled },
        test: {
          name: 'browser',
          include: [`${rooms}/**/*.browser.${suffix}`],
          testTimeout: long ? 20 * 60_000 : 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(executablePath !== undefined && { executablePath }),
                args: [...chromiumArgs],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})

export default config
