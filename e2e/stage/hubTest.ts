import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import type { TestType } from '@playwright/test'
import { startHub } from 'modelferry/hub'
import type { HubOptions } from 'modelferry/hub'
import type { Library } from './Library.ts'
import { libraryPath } from './libraryPath.ts'
import type { StageParts } from './Stage.ts'
import { startSite } from './startSite.ts'
import { Traffic } from './Traffic.ts'

type Base = typeof base extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Fixtures for tests in any browser. */
export interface HubFixtures {
  /** Options of the test's hub: `test.use({ hubOptions: { urlLifetimeMs: 1000 } })`. */
  hubOptions: Partial<HubOptions>
  /** A separate hub and site for each test. */
  scenery: Omit<StageParts, 'page'>
}

/** Fixtures that the tests of one Playwright worker share. */
export interface HubShared {
  /** A copy of the filled library: a hub needs exclusive use of its folder. */
  library: Library
}

/** `test` with a hub and a site, without a page. */
export const hubTest: TestType<Base[0] & HubFixtures, Base[1] & HubShared> = base.extend<
  HubFixtures,
  HubShared
>({
  library: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const filled = libraryPath()
      const folder = await mkdtemp(join(tmpdir(), 'modelferry-e2e-'))
      try {
        await cp(filled.folder, folder, { recursive: true })
        const files = JSON.parse(await readFile(filled.list, 'utf8')) as Library['files']
        await use({ folder, files })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    { scope: 'worker' },
  ],
  hubOptions: [{}, { option: true }],
  scenery: async ({ library, hubOptions }, use) => {
    const hub = await startHub({
      open: hubOptions.accessTokens === undefined,
      folder: library.folder,
      ...hubOptions,
    })
    const site = await startSite()
    try {
      await use({ hub, site, files: library.files, traffic: new Traffic(hub.hub.log) })
    } finally {
      await Promise.all([hub.close(), site.close()])
    }
  },
})
