import type { TestType } from '@playwright/test'
import { hubTest } from './hubTest.ts'
import { Stage } from './Stage.ts'

type Base = typeof hubTest extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** What every test of this kind can ask for, besides a hub and what Playwright gives. */
export interface StageFixtures {
  /** A hub of its own, a site of its own, and a page with nothing stored. Not connected yet. */
  stage: Stage
}

/** `test` with a stage. */
export const test: TestType<Base[0] & StageFixtures, Base[1]> = hubTest.extend<StageFixtures>({
  stage: async ({ page, scenery }, use) => {
    await use(new Stage({ page, ...scenery }))
  },
})
