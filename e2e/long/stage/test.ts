import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import type { BrowserContext, TestType } from '@playwright/test'
import type { Stage } from '../../stage/Stage.ts'
import { test as base } from '../../stage/test.ts'

type Base = typeof base extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Fixtures of the long tests, besides those of every test with a stage. */
export interface LongFixtures {
  /** An empty folder, deleted at the end. */
  scratch: string
  /** Starts a browser with a named profile on disk; the same name reuses the same data. */
  launch: (profile: string) => Promise<BrowserContext>
  /** The stage in such a browser; other browsers keep their data in memory. */
  diskStage: Stage
}

/** `test` with a stage whose browser keeps its data on the disk. */
export const test: TestType<Base[0] & LongFixtures, Base[1]> = base.extend<LongFixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
  scratch: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-long-'))
    try {
      await use(folder)
    } finally {
      // A browser that was just closed may still write.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    }
  },
  launch: async ({ scratch, launchOptions }, use) => {
    const launched: BrowserContext[] = []
    await use(async (profile) => {
      const context = await chromium.launchPersistentContext(join(scratch, profile), launchOptions)
      launched.push(context)
      return context
    })
    for (const context of launched) await context.close().catch(() => undefined)
  },
  diskStage: async ({ stage, launch }, use) => {
    const context = await launch('profile')
    await use(stage.with(await context.newPage()))
  },
})
