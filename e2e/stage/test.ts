import type { TestType } from '@playwright/test'
import { hubTest } from './hubTest.ts'
import { Stage } from './Stage.ts'

type Base = typeof hubTest extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Fixtures of stage tests, in addition to the hub's and Playwright's. */
export interface StageFixtures {
  /** A separate hub and site, and a page with empty storage. Not connected yet. */
  stage: Stage
}

/** `test` with a stage. */
export const test: TestType<Base[0] & StageFixtures, Base[1]> = hubTest.extend<StageFixtures>({
  stage: async ({ page, scenery }, use) => {
    await use(new Stage({ page, ...scenery }))
  },
})
