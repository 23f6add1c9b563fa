import { expect } from '@playwright/test'
import type { Ferry } from 'modelferry'
import { test } from '../../ways/stage/test.ts'
import { ViteApp } from '../../ways/stage/ViteApp.ts'
import { visitDeveloped } from '../../ways/stage/visitDeveloped.ts'

test('an edit reloads the page, which is controlled as before', async ({ project, stage }) => {
  const way = { what: '', options: '', imports: true } as const
  await visitDeveloped(way, project, stage, async (app) => {
    const text = await project.read('main.js')
    await project.write('main.js', text.replace(`textContent = 'here'`, `textContent = 'there'`))
    await expect(stage.page.locator('#app')).toHaveText('there')
    expect(await app.label()).toBe('hit')
  })
})

const registered = (): Promise<number> =>
  navigator.serviceWorker.getRegistrations().then(({ length }) => length)

test('dev: false, a tag: modelferry is absent, and an earlier worker is removed', async ({
  project,
  stage,
}) => {
  const { page, files } = stage
  const app = new ViteApp(project, stage, { options: 'dev: false' })
  await app.write()
  const vite = await app.start('dev')
  try {
    await page.goto(vite.url)
    expect(await app.label()).toBeNull()
    expect(await page.evaluate(registered)).toBe(0)
    // The browser checks an existing worker for a newer version on a visit.
    await page.evaluate(async () => {
      const url = '/modelferry-sw.js?hubs=before'
      const { installing } = await navigator.serviceWorker.register(url)
      return installing?.state
    })
    await expect.poll(() => page.evaluate(registered)).toBe(0)
    await page.reload()
    const plain = await stage.fetch(files.vad)
    expect(plain).toMatchObject({ status: 200, sha256: files.vad.sha256 })
    expect(plain.headers).not.toHaveProperty('x-modelferry')
  } finally {
    await vite.close()
  }
})

test("dev: false, the module: ferry.fetch works, the page's own fetch is not intercepted", async ({
  project,
  stage,
}) => {
  const { page, files } = stage
  const app = new ViteApp(project, stage, { options: 'dev: false', imports: true })
  await app.write()
  const vite = await app.start('dev')
  try {
    await page.goto(vite.url)
    expect(await app.label()).toBeNull()
    const controlled = await page.evaluate(async () => {
      const app = globalThis as unknown as { ready: Promise<Ferry>; ferry: Ferry }
      app.ferry = await app.ready
      return app.ferry.controlled
    })
    expect(controlled).toBe(false)
    await stage.fetch(files.vad, { by: 'ferry' })
    const answer = await stage.fetch(files.vad, { by: 'ferry' })
    expect(answer).toMatchObject({ status: 200, sha256: files.vad.sha256 })
    expect(answer.headers['x-modelferry']).toBe('hit')
    expect(await page.evaluate(registered)).toBe(0)
  } finally {
    await vite.close()
  }
})

test('a build works with the preview server, also with workers in a folder', async ({
  project,
  stage,
}) => {
  const base = '/demos/one/'
  const app = new ViteApp(project, stage, { options: `filename: 'workers/ferry.js'`, base })
  await app.write()
  await app.build()
  const preview = await app.start('preview')
  try {
    await stage.page.goto(preview.url)
    expect(await app.label()).toBe('stream')
    await app.expectKept()
    await stage.page.reload()
    expect(await app.label()).toBe('hit')
  } finally {
    await preview.close()
  }
})

test('workers in a folder, on a server without Service-Worker-Allowed', async ({
  project,
  stage,
}) => {
  const app = new ViteApp(project, stage, { options: `filename: 'workers/ferry.js'` })
  await app.write()
  expect(await project.run('npx vite build')).toContain('"Service-Worker-Allowed: /"')
  const site = await app.serve()
  try {
    const said = stage.page.waitForEvent('console', (message) => message.type() === 'warning')
    await stage.page.goto(site.url)
    expect((await said).text()).toContain('Service-Worker-Allowed')
    const plain = await stage.fetch(stage.files.vad)
    expect(plain).toMatchObject({ status: 200, sha256: stage.files.vad.sha256 })
  } finally {
    await site.close()
  }
})
