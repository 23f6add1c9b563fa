import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import type { TestType } from '@playwright/test'
import { createHub } from 'modelferry/hub'
import type { SiteAnswer } from '../../stage/SiteAnswer.ts'
import type { StageFile } from '../../stage/StageFile.ts'
import { libraryPath } from '../../stage/libraryPath.ts'
import { startSite } from '../../stage/startSite.ts'
import { answerAsCdn } from './answerAsCdn.ts'
import { bundleClients } from './bundleClients.ts'
import { ClientStage } from './ClientStage.ts'
import { fillClientHub } from './fillClientHub.ts'
import { hubOrigin } from './hubOrigin.ts'
import { siteFiles } from './siteFiles.ts'
import { startHosts } from './startHosts.ts'
import type { Hosts } from './startHosts.ts'

type Base = typeof base extends TestType<infer Each, infer Shared> ? [Each, Shared] : never

/** Origin of the hub's presigned URLs. */
const storageUrl = 'https://transfer.xethub.hf.co'
/** Default source of transformers.js' runtime. */
const cdnUrl = 'https://cdn.jsdelivr.net'

/** Fixtures of client tests, in addition to Playwright's. */
export interface ClientFixtures {
  /** A hub under its well-known name and a page with empty storage. Not connected yet. */
  stage: ClientStage
}

/** Fixtures that the tests of one Playwright worker share. */
export interface ClientShared {
  hosts: Hosts
  filled: {
    readonly folder: string
    readonly files: readonly StageFile[]
    readonly site: readonly [path: string, answer: SiteAnswer][]
  }
}

/** `test` with an app, libraries and their default hub. */
export const test: TestType<Base[0] & ClientFixtures, Base[1] & ClientShared> = base.extend<
  ClientFixtures,
  ClientShared
>({
  hosts: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const hosts = await startHosts(
        [hubOrigin, storageUrl, cdnUrl].map((url) => new URL(url).hostname),
      )
      await use(hosts)
      await hosts.close()
    },
    { scope: 'worker' },
  ],
  launchOptions: [
    async ({ launchOptions, hosts }, use) => {
      const { args = [] } = launchOptions
      // Runtimes of 14 MB run for a moment: optimising their code takes most of the processor time of these tests.
      const flags = '--js-flags=--liftoff-only'
      await use({ ...launchOptions, args: [...args, flags, ...hosts.chromiumArgs] })
    },
    { scope: 'worker' },
  ],
  filled: [
    // oxlint-disable-next-line no-empty-pattern -- as above
    async ({}, use) => {
      const root = await mkdtemp(join(tmpdir(), 'modelferry-clients-'))
      try {
        const folder = join(root, 'hub')
        const bundle = join(root, 'bundle')
        const [filled] = await Promise.all([fillOnce(), bundleClients(bundle)])
        await cp(filled.folder, folder, { recursive: true })
        const files = JSON.parse(await readFile(filled.list, 'utf8')) as StageFile[]
        await use({ folder, files, site: await siteFiles(bundle) })
      } finally {
        await rm(root, { recursive: true, force: true })
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  stage: async ({ page, hosts, filled }, use, info) => {
    const hub = await createHub({ open: true, folder: filled.folder, url: hubOrigin, storageUrl })
    const site = await startSite()
    for (const [path, answer] of filled.site) site.answers.set(path, answer)
    const fromCdn: string[] = []
    hosts.answer = async (request) => {
      const { origin, pathname } = new URL(request.url)
      if (origin !== cdnUrl) return await hub.fetch(request)
      fromCdn.push(pathname)
      return await answerAsCdn(request)
    }
    try {
      const stage = new ClientStage({ page, hub, hosts, site, files: filled.files, fromCdn })
      await use(stage)
      if (info.status === 'passed' && !page.isClosed()) await stage.expectNoSecrets()
    } finally {
      hosts.answer = undefined
      hub.close()
      await site.close()
    }
  },
})

/** Fills the hub's folder in the first worker of a run; the others wait for it, and each of them uses a copy. */
async function fillOnce(): Promise<{ folder: string; list: string }> {
  const root = join(libraryPath().root, 'clients')
  const folder = join(root, 'hub')
  const list = join(root, 'files.json')
  try {
    await mkdir(root)
  } catch {
    for (const until = Date.now() + 110_000; !existsSync(list);) {
      if (Date.now() > until) throw new Error(`Another worker has not filled ${folder}.`)
      await new Promise((later) => setTimeout(later, 100))
    }
    return { folder, list }
  }
  try {
    await mkdir(folder)
    await writeFile(`${list}.part`, JSON.stringify(await fillClientHub(folder)))
    await rename(`${list}.part`, list)
  } catch (error) {
    await rm(root, { recursive: true, force: true })
    throw error
  }
  return { folder, list }
}
