import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import { test } from '../../ways/stage/test.ts'
import { ViteApp } from '../../ways/stage/ViteApp.ts'

interface CountingWindow {
  /** How often the page was notified of a newer version. */
  updates: number
}

/** Counts notifications in the page, and loads across reloads. */
async function count(page: Page): Promise<{ loads: () => number; updates: () => Promise<number> }> {
  let loads = 0
  page.on('domcontentloaded', () => void (loads += 1))
  await page.addInitScript(() => {
    const window = globalThis as unknown as CountingWindow
    window.updates = 0
    addEventListener('modelferry:update', () => void (window.updates += 1))
  })
  const updates = (): Promise<number> =>
    page.evaluate(() => (globalThis as unknown as CountingWindow).updates)
  return { loads: () => loads, updates }
}

/** Creates another release of the built files: the same program with another build id. */
async function release(dist: string): Promise<void> {
  const worker = await readFile(join(dist, 'modelferry-sw.js'), 'utf8')
  const build = /build (\w{12})/.exec(worker)![1]!
  for (const name of await readdir(dist, { recursive: true })) {
    if (!name.endsWith('.js')) continue
    const text = await readFile(join(dist, name), 'utf8')
    await writeFile(join(dist, name), text.replaceAll(build, 'bbbbbbbbbbbb'))
  }
}

for (const imports of [false, true])
  for (const registerType of ['prompt', 'autoUpdate'] as const)
    test(`${registerType}, ${imports ? 'the module' : 'a tag'}: when a newer version takes over`, async ({
      project,
      stage,
    }) => {
      const { page, files } = stage
      const options = `registerType: '${registerType}'`
      const app = new ViteApp(project, stage, { options, ...(imports && { imports }) })
      await app.write()
      await app.build()
      const site = await app.serve()
      try {
        const { loads, updates } = await count(page)
        await page.goto(site.url)
        expect(await app.label()).toBe('stream')
        await app.expectKept()
        // Being controlled for the first time is no update.
        expect([loads(), await updates()]).toEqual([1, 0])
        await release(join(project.folder, 'dist'))
        await page.evaluate(() => {
          void navigator.serviceWorker.getRegistration().then((each) => each?.update())
        })
        if (registerType === 'prompt') await expect.poll(updates).toBe(1)
        else await expect.poll(loads).toBe(2)
        expect(await app.label()).toBe(registerType === 'prompt' ? 'stream' : 'hit')
        const answer = await stage.fetch(files.vad)
        expect(answer).toMatchObject({ status: 200, sha256: files.vad.sha256 })
        expect(answer.headers['x-modelferry']).toBe('hit')
        await app.expectWhole()
        expect([loads(), await updates()]).toEqual(registerType === 'prompt' ? [1, 1] : [2, 0])
      } finally {
        await site.close()
      }
    })

test('autoUpdate: pages with different options do not reload each other forever', async ({
  project,
  stage,
}) => {
  const app = new ViteApp(project, stage, {
    options: `registerType: 'autoUpdate'`,
    imports: true,
    pages: ['other.html'],
  })
  await app.write()
  await project.write(
    'main.js',
    `import { connect } from 'virtual:modelferry'
window.label = connect({ files: [location.pathname + '*.bin'] }).then(() => 'connected')`,
  )
  await app.build()
  const site = await app.serve()
  const { page } = stage
  const other = await stage.context.newPage()
  try {
    const [first, second] = [await count(page), await count(other)]
    await page.goto(site.url)
    expect(await app.label()).toBe('connected')
    await other.goto(`${site.url}other.html`)
    // In the end one of them is notified, and is not reloaded.
    const updates = async (): Promise<number> => {
      const all = await Promise.all([first, second].map(({ updates }) => updates().catch(() => 0)))
      return Math.max(...all)
    }
    await expect.poll(updates, { timeout: 30_000 }).toBe(1)
    expect(first.loads()).toBeLessThanOrEqual(3)
    expect(second.loads()).toBeLessThanOrEqual(3)
  } finally {
    await site.close()
  }
})
