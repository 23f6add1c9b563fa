import type { TestType } from '@playwright/test'
import type { Browser } from 'puppeteer-core'
import { hubTest } from '../../stage/hubTest.ts'
import { Stage } from '../../stage/Stage.ts'
import { FirefoxPage } from './FirefoxPage.ts'
import { openFirefox } from './openFirefox.ts'

type Base = typeof hubTest extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** What tests in Firefox can ask for. */
export interface FirefoxFixtures {
  /** A hub of its own, a site of its own, and a page with nothing stored. Not connected yet. */
  stage: Stage<FirefoxPage>
}

/** What tests of one worker share. */
export interface FirefoxShared {
  firefox: Browser
}

/** `test` with a stage in Firefox, which Playwright itself drives only in a build of its own. */
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
