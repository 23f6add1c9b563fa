import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestType } from '@playwright/test'
import { test as base } from '../../stage/test.ts'
import { packPackage } from './packPackage.ts'
import { WayProject } from './WayProject.ts'

type Base = typeof base extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Fixtures of installation tests, besides a stage. */
export interface WayFixtures {
  /** A folder that contains only the result of `npm install` with the packed package. */
  project: WayProject
}

/** Shared within a Playwright worker. */
export interface WayShared {
  /** A node_modules folder. */
  installed: string
}

/** `test` with a stage and a new project. */
export const test: TestType<Base[0] & WayFixtures, Base[1] & WayShared> = base.extend<
  WayFixtures,
  WayShared
>({
  installed: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'modelferry-installed-'))
      try {
        await packPackage(join(folder, 'node_modules'))
        await use(join(folder, 'node_modules'))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    { scope: 'worker' },
  ],
  project: async ({ installed }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-way-'))
    try {
      await symlink(installed, join(folder, 'node_modules'))
      await use(new WayProject(folder))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})
