import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import { test as base } from '../../ways/stage/test.ts'
import { visitBuilt } from '../../ways/stage/visitBuilt.ts'
import { visitDeveloped } from '../../ways/stage/visitDeveloped.ts'
import { viteWays } from '../../ways/stage/viteWays.ts'
import type { WayProject } from '../../ways/stage/WayProject.ts'

const run = promisify(execFile)

interface OldShared {
  /** A folder with a Vite of each major version, by its number, from npm's registry. */
  vites: string
}

/** Versions of the peer range besides the one used in development. */
const versions = ['6', '7']

const test = base.extend<object, OldShared>({
  vites: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'modelferry-vites-'))
      try {
        for (const version of versions) {
          const cwd = join(folder, version)
          await mkdir(cwd)
          await writeFile(join(cwd, 'package.json'), '{}')
          const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `vite@${version}`]
          await run('npm', args, { cwd })
        }
        await use(folder)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    { scope: 'worker' },
  ],
})

/** Replaces the project's Vite and keeps its other packages. */
async function exchangeVite(project: WayProject, vites: string, version: string): Promise<void> {
  const other = join(vites, version)
  const modules = join(project.folder, 'node_modules')
  const shared = await realpath(modules)
  await rm(modules)
  await mkdir(join(modules, '.bin'), { recursive: true })
  for (const name of await readdir(shared))
    if (name !== 'vite' && name !== '.bin') await symlink(join(shared, name), join(modules, name))
  for (const name of ['vite', '.bin/vite'])
    await symlink(join(other, 'node_modules', name), join(modules, name))
  expect(await project.run('npx vite --version')).toContain(`vite/${version}.`)
}

const ways = viteWays.filter(({ what }) =>
  ['a tag, in a folder', 'the module, relative', 'a script in the page'].includes(what),
)

for (const version of versions)
  for (const way of ways) {
    test(`Vite ${version}, built, ${way.what}`, async ({ project, stage, vites }) => {
      await exchangeVite(project, vites, version)
      await visitBuilt(way, project, stage)
    })

    test(`Vite ${version}, in development, ${way.what}`, async ({ project, stage, vites }) => {
      await exchangeVite(project, vites, version)
      await visitDeveloped(way, project, stage)
    })
  }
