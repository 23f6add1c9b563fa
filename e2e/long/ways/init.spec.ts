import { join } from 'node:path'
import { expect } from '@playwright/test'
import { failToConnect } from '../../stage/failToConnect.ts'
import { connectPage } from '../../stage/connectPage.ts'
import type { Stage } from '../../stage/Stage.ts'
import { serveFolder } from '../../ways/stage/serveFolder.ts'
import { test } from '../../ways/stage/test.ts'
import type { WayProject } from '../../ways/stage/WayProject.ts'

const page = `<!doctype html><html lang="en"><title>app</title><link rel="icon" href="data:,">
<script src="/modelferry.js"></script>`

const manifest = '{\n  "name": "app"\n}\n'

/** What modelferry has stored on the device. */
async function left({ page }: Stage): Promise<{ workers: number; files: number; names: string[] }> {
  return await page.evaluate(async () => {
    const registrations = await navigator.serviceWorker.getRegistrations()
    const folder = await navigator.storage.getDirectory()
    let files = 0
    for await (const name of folder.keys()) files += name === 'modelferry' ? 1 : 0
    const databases = (await indexedDB.databases()).map(({ name = '' }) => name)
    const names = [...databases, ...(await caches.keys())]
    return {
      workers: registrations.length,
      files,
      names: names.filter((name) => name.startsWith('modelferry')),
    }
  })
}

/** A site of one page, with the files that `init` copied. */
async function serveCopies(project: WayProject): ReturnType<typeof serveFolder> {
  await project.write('package.json', manifest)
  await project.write('public/index.html', page)
  expect(await project.run('npx modelferry init public --script')).toContain('copied')
  return await serveFolder(join(project.folder, 'public'))
}

test('copied, in use, outdated, and up to date again', async ({ project, stage, browser }) => {
  const site = await serveCopies(project)
  try {
    const options = { hubs: [stage.hub.url] }
    await stage.page.goto(site.url)
    expect(await stage.page.evaluate(connectPage, options)).toBe(true)
    const { vad } = stage.files
    expect(await stage.fetch(vad)).toMatchObject({ sha256: vad.sha256 })
    expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('hit')

    // Copies of an earlier version with a page of this one, for first-time visitors.
    for (const name of ['modelferry-worker.js', 'modelferry-sw.js']) {
      const now = await project.read(`public/${name}`)
      const build = /build (\w{12})/.exec(now)![1]!
      await project.write(`public/${name}`, now.replaceAll(build, 'older-build1'))
      const visitor = stage.with(await (await browser.newContext()).newPage())
      await visitor.page.goto(site.url)
      const refused = await visitor.page.evaluate(failToConnect, { ...options, timeoutMs: 2000 })
      expect(refused.code).toBe('worker')
      expect(refused.message).toMatch(/(loader|service) worker.*npx modelferry init/)
      expect(await visitor.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })

      expect(await project.run('npx modelferry init')).toContain(`${name} updated`)
      await visitor.page.reload()
      expect(await visitor.page.evaluate(connectPage, options)).toBe(true)
      await visitor.context.close()
    }
  } finally {
    await site.close()
  }
})

for (const [flags, files] of [
  ['--self-destroy', 1],
  ['--self-destroy --clear', 0],
] as const)
  test(`uninstalling: modelferry remove ${flags}`, async ({ project, stage }) => {
    const site = await serveCopies(project)
    try {
      const { vad } = stage.files
      await stage.page.goto(site.url)
      await stage.page.evaluate(connectPage, { hubs: [stage.hub.url] })
      await stage.fetch(vad)
      expect(await left(stage)).toMatchObject({ workers: 1, files: 1 })

      await project.run(`npx modelferry remove ${flags}`)
      expect(await project.read('package.json')).toBe(manifest)
      // The page no longer connects; the browser checks for a newer worker on each visit.
      await project.write('public/index.html', page.replace(/<script.*/, ''))
      await stage.page.goto(site.url)
      await stage.page.evaluate(async () => {
        await (await navigator.serviceWorker.getRegistration())?.update()
      })
      await expect.poll(async () => (await left(stage)).workers).toBe(0)
      await expect.poll(async () => (await left(stage)).files).toBe(files)
      if (files === 0) await expect.poll(async () => (await left(stage)).names).toEqual([])
      await stage.page.reload()
      const plain = await stage.fetch(vad)
      expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
      expect(plain.headers).not.toHaveProperty('x-modelferry')
    } finally {
      await site.close()
    }
  })

for (const [flags, files] of [
  ['--self-destroy', 1],
  ['--self-destroy --clear', 0],
] as const)
  test(`uninstalling with an open page: modelferry remove ${flags}`, async ({ project, stage }) => {
    const site = await serveCopies(project)
    const { page: tab, context } = stage
    try {
      const { vad, rec } = stage.files
      await tab.goto(site.url)
      await tab.evaluate(connectPage, { hubs: [stage.hub.url] })
      await stage.fetch(vad)
      await project.run(`npx modelferry remove ${flags}`)
      await project.write('public/index.html', page.replace(/<script.*/, ''))

      // The page stays open; its browser checks for a newer worker from time to time.
      await tab.evaluate(
        async () => await (await navigator.serviceWorker.getRegistration())?.update(),
      )
      await expect.poll(async () => (await left(stage)).workers).toBe(0)
      for (const file of [vad, rec]) {
        const plain = await stage.fetch(file)
        expect(plain).toMatchObject({ status: 200, sha256: file.sha256 })
        expect(plain.headers).not.toHaveProperty('x-modelferry')
      }

      // After the page is closed, everything is removed.
      const visitor = stage.with(await context.newPage())
      await tab.close()
      await visitor.page.goto(site.url)
      expect(await visitor.page.evaluate(() => navigator.serviceWorker.controller)).toBeNull()
      await expect.poll(async () => await left(visitor)).toMatchObject({ workers: 0, files })
      if (files === 0) await expect.poll(async () => (await left(visitor)).names).toEqual([])
      expect((await visitor.fetch(vad)).headers).not.toHaveProperty('x-modelferry')
    } finally {
      await site.close()
    }
  })
