import type { TestType } from '@playwright/test'
import type { Browser } from 'puppeteer-core'
import { hubTest } from '../../stage/hubTest.ts'
import { Stage } from '../../stage/Stage.ts'
import { FirefoxPage } from './FirefoxPage.ts'
import { openFirefox } from './openFirefox.ts'

type Base = typeof hubTest extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Fixtures of tests in Firefox. */
export interface FirefoxFixtures {
  /** A separate hub and site, and a page with empty storage that is not connected yet. */
  stage: Stage<FirefoxPage>
}

/** Shared by the tests of one Playwright worker. */
export interface FirefoxShared {
  firefox: Browser
}

/** `test` with a stage in Firefox, which Playwright can automate only in its own build. */
export const test: TestType<Base[0] & FirefoxFixtures, Base[1] & FirefoxShared> = hubTest.extend<
  FirefoxFixtures,
  FirefoxShared
>({
  firefox: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const firefox = await openFirefox()
      await use(firefox)
      await firefox.close()
    },
    { scope: 'worker' },
  ],
  stage: async ({ firefox, scenery }, use) => {
    const context = await firefox.createBrowserContext()
    const page = new FirefoxPage(await context.newPage())
    await use(new Stage({ page, ...scenery }))
    await context.close()
  },
})
