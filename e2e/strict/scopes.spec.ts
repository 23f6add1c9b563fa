import { expect } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { PageOptions } from '../stage/PageOptions.ts'
import { connectPage } from '../stage/connectPage.ts'
import { failToConnect } from '../stage/failToConnect.ts'
import type { Stage } from '../stage/Stage.ts'
import { test } from '../stage/test.ts'

/** Puts a copy of the page and of both worker files into a folder of the site. */
function addApp({ site }: Stage, folder: string): void {
  for (const name of ['', 'modelferry-sw.js', 'modelferry-worker.js'])
    site.answers.set(folder + name, site.answers.get(`/${name}`)!)
}

async function open(stage: Stage, folder: string): Promise<Page> {
  const page = await stage.context.newPage()
  await page.goto(new URL(folder, stage.site.url).href)
  return page
}

async function connectApp({ hub }: Stage, page: Page, folder: string, more: PageOptions = {}) {
  const options = { hubs: [hub.url], serviceWorker: `${folder}modelferry-sw.js`, ...more }
  return await page.evaluate(connectPage, options)
}

async function registered(page: Page): Promise<string[]> {
  return await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ scope, active }) => {
      const { pathname, searchParams } = new URL(active?.scriptURL ?? scope)
      return `${new URL(scope).pathname} ${pathname} ${searchParams.getAll('files').length}`
    }),
  )
}

test('apps with other options in nested folders of one origin: each keeps its own worker, and they share files', async ({
  stage,
}) => {
  const { vad } = stage.files
  const folders = ['/apps/one/', '/apps/two/', '/'] as const
  for (const folder of folders.slice(0, 2)) addApp(stage, folder)
  const pages: Page[] = []
  for (const [at, folder] of folders.entries()) {
    const page = await open(stage, folder)
    const files = Array.from({ length: at }, (_, nth) => `/files-${nth}/*`)
    const token = ['hf_one', undefined, 'hf_root'][at]
    expect(await connectApp(stage, page, folder, { files, ...(token && { token }) })).toBe(true)
    pages.push(page)
  }
  const both = [
    '/apps/one/ /apps/one/modelferry-sw.js 0',
    '/apps/two/ /apps/two/modelferry-sw.js 1',
  ]
  const all = [...both, '/ /modelferry-sw.js 2'].toSorted()
  for (let round = 0; round < 2; round++) {
    for (const [at, page] of pages.entries()) {
      const got = await stage.with(page).fetch(vad)
      expect(got).toMatchObject({ status: 200, sha256: vad.sha256 })
      // The second app at most asks the hub for permission, and fetches no bytes.
      if (round + at > 0) {
        expect(got.headers['x-modelferry']).toBe('hit')
        expect(stage.traffic.all.length).toBeLessThanOrEqual(1)
        expect(stage.traffic.bytes('xorb')).toBe(0)
      }
      stage.traffic.clear()
      const controller = await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)
      expect(new URL(controller ?? '').pathname).toBe(`${folders[at]}modelferry-sw.js`)
    }
    if (round === 0)
      for (const [at, page] of pages.entries()) {
        await page.reload()
        const files = Array.from({ length: at }, (_, nth) => `/files-${nth}/*`)
        expect(await connectApp(stage, page, folders[at]!, { files })).toBe(true)
      }
  }
  expect((await registered(pages[0]!)).toSorted()).toEqual(all)
  for (const page of pages) expect(await stage.with(page).events('fault')).toEqual([])
})

test('an app in a folder works offline, and a page outside of it gets a reason and works on', async ({
  stage,
}) => {
  const { vad } = stage.files
  const folder = '/apps/one/'
  addApp(stage, folder)
  const page = await open(stage, folder)
  const shell = [`${folder}*`, '/modelferry.js']
  expect(await connectApp(stage, page, folder, { shell })).toBe(true)
  expect(await stage.with(page).fetch(vad)).toMatchObject({ sha256: vad.sha256 })

  await stage.page.goto(stage.site.url)
  const serviceWorker = `${folder}modelferry-sw.js`
  const refusal = await stage.page.evaluate(failToConnect, { hubs: [stage.hub.url], serviceWorker })
  const message = expect.stringMatching(/page \/ is outside .*scope \/apps\/one\//)
  expect(refusal).toEqual({ code: 'scope', message })
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect('x-modelferry' in plain.headers).toBe(false)

  await Promise.all([stage.hub.close(), stage.site.close()])
  await stage.context.setOffline(true)
  await page.reload()
  expect(await connectApp(stage, page, folder, { shell })).toBe(true)
  expect(await stage.with(page).fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
})

test('pages of one scope with other options: the last one to connect wins, once, and the others are notified', async ({
  stage,
}) => {
  const { vad } = stage.files
  await stage.connect()
  const other = stage.with(await stage.context.newPage())
  expect(await other.connect({ files: ['/files/*'] })).toBe(true)
  const fault = { code: 'configuration', message: expect.stringContaining('other options') }
  await expect.poll(() => stage.events('fault')).toEqual([expect.objectContaining(fault)])
  for (const tab of [stage, other])
    expect(await tab.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  // Neither page reverts it. A page that Chromium keeps under the older static routes is notified of that, too.
  const replaced = async (): Promise<unknown[]> =>
    (await other.events('fault')).filter(({ code }) => code === 'configuration')
  expect(await registered(stage.page)).toEqual(['/ /modelferry-sw.js 1'])
  expect(await stage.events('fault')).toHaveLength(1)
  expect(await replaced()).toEqual([])
  expect(await stage.reload()).toBe(true)
  await expect.poll(replaced).toHaveLength(1)
  expect(await registered(stage.page)).toEqual(['/ /modelferry-sw.js 0'])
})
