import type { PlaywrightTestConfig } from '@playwright/test'

import config from './playwright.config.ts'

/** The tests of `npm test` with all their variants: for `npm run contract` and `npm run clients`. */
const all: PlaywrightTestConfig = { ...config, grepInvert: [] }

export default all
