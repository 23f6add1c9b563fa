import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestType } from '@playwright/test'
import { hubTest } from '../../stage/hubTest.ts'
import { Stage } from '../../stage/Stage.ts'
import { followCommands } from './followCommands.ts'
import { startMiniBrowser } from './startMiniBrowser.ts'
import { startScreen } from './startScreen.ts'
import type { WebKitKind } from './WebKitKind.ts'
import { WebKitPage } from './WebKitPage.ts'

type Base = typeof hubTest extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Fixtures of tests in WebKitGTK. */
export interface WebKitFixtures {
  kind: WebKitKind
  /** A separate hub and site, and a page with empty storage that is not connected yet. */
  stage: Stage<WebKitPage>
}

/** Shared by the tests of one Playwright worker. */
export interface WebKitShared {
  /** `DISPLAY` of a virtual screen. */
  display: string
}

/** `test` with a stage in WebKitGTK, which Playwright can automate only in its own build. */
export const test: TestType<Base[0] & WebKitFixtures, Base[1] & WebKitShared> = hubTest.extend<
  WebKitFixtures,
  WebKitShared
>({
  kind: ['safari', { option: true }],
  display: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const screen = await startScreen()
      await use(screen.display)
      screen.end()
    },
    { scope: 'worker' },
  ],
  stage: async ({ kind, display, scenery }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-webkit-'))
    let end: (() => Promise<void>) | undefined
    const tab = await WebKitPage.create(async (url, remote) => {
      const page = scenery.site.answers.get('/')!
      const script = `<script>void (${String(followCommands)})('${remote.url}')</script>`
      scenery.site.answers.set('/', { ...page, body: String(page.body) + script })
      end = await startMiniBrowser(url, { kind, folder, display })
    })
    try {
      await use(new Stage({ page: tab, ...scenery }))
    } finally {
      await end?.()
      tab.close()
      // A browser that was just closed may still write.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    }
  },
})
