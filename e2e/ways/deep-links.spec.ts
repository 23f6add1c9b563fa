import { expect } from '@playwright/test'
import { onlyLong } from '../stage/onlyLong.ts'
import { test as stageTest } from '../stage/test.ts'
import { test } from './stage/test.ts'
import { ViteApp } from './stage/ViteApp.ts'

const below = '/demos/one/'

for (const imports of [false, true])
  test(
    `a single-page app ${imports ? 'with the module' : 'with a tag'}: its routes open offline`,
    onlyLong(!imports),
    async ({ project, stage }) => {
      const { page, context, hub } = stage
      const way = { options: '', base: below, below, ...(imports && { imports }) }
      const app = new ViteApp(project, stage, way)
      await app.write()
      await app.build()
      const site = await app.serve()
      try {
        await page.goto(site.url)
        expect(await app.label()).toBe('stream')
        await app.expectKept()
        // While there is a server, its response is used.
        expect((await page.goto(`${site.url}some/route`))?.status()).toBe(404)

        await Promise.all([site.close(), hub.close()])
        await context.setOffline(true)
        for (const route of ['some/route', 'v1.2/other/?tab=2#part', 'page.html']) {
          await page.goto(site.url + route)
          expect(page.url()).toBe(site.url + route)
          expect(await app.label()).toBe('hit')
          await app.expectWhole()
        }
        await expect(page.goto(`${site.url}some/report.pdf`)).rejects.toThrow(/ERR_|interrupted/)
        // Another tab, whose first page this is.
        const other = await context.newPage()
        await other.goto(`${site.url}some/route`)
        await expect(other.locator('#app')).toHaveText('here')
        const data = await other.evaluate(async () => {
          const answer = await fetch('some/data').catch(() => undefined)
          return answer?.status
        })
        expect(data).toBeUndefined()
      } finally {
        await site.close()
      }
    },
  )

test('several pages: each opens offline, none replaces another, and all request the same', async ({
  project,
  stage,
}) => {
  const { page, context, hub } = stage
  const app = new ViteApp(project, stage, {
    options: `injectRegister: 'script'`,
    pages: ['about.html', 'docs/index.html'],
  })
  await app.write()
  await app.build()
  const site = await app.serve()
  const worker = async (): Promise<string | undefined> => {
    await app.label()
    return await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)
  }
  try {
    await page.goto(site.url)
    const first = await worker()
    await app.expectKept()
    for (const path of ['docs/', 'about.html', '']) {
      await page.goto(site.url + path)
      expect(await worker()).toBe(first)
    }
    await Promise.all([site.close(), hub.close()])
    await context.setOffline(true)
    for (const [path, title] of [
      ['docs/', 'docs/index.html'],
      ['docs/index.html', 'docs/index.html'],
      ['about.html', 'about.html'],
      ['', 'app'],
    ] as const) {
      await page.goto(site.url + path)
      await expect(page).toHaveTitle(title)
      await app.expectWhole()
    }
    await expect(page.goto(`${site.url}other`)).rejects.toThrow(/ERR_/)
  } finally {
    await site.close()
  }
})

stageTest(
  'by connect() too, and a visitor who only uses deep links gets the newest app',
  async ({ stage }) => {
    const { page, site } = stage
    const plain = site.answers.get('/')!
    const publish = (text: string): void => {
      const body = `${String(plain.body)}<p id="app">${text}</p>`
      for (const path of ['/', '/some/route']) site.answers.set(path, { ...plain, body })
    }
    const keptPage = async (): Promise<string | undefined> =>
      await page.evaluate(async () => await (await caches.match('/'))?.text())

    publish('one')
    const deep = stage.with(page, 'some/route')
    await deep.connect({ navigateFallback: '/', shell: ['/modelferry.js'] })
    await expect.poll(keptPage).toContain('one')
    publish('two')
    await page.reload()
    await expect(page.locator('#app')).toHaveText('two')
    await expect.poll(keptPage).toContain('two')
    await stage.leaveNetwork()
    for (const path of ['', 'other/route', 'some/route']) {
      await page.goto(site.url + path)
      await expect(page.locator('#app')).toHaveText('two')
    }
  },
)
