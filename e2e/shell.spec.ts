import { expect } from '@playwright/test'
import type { StageWindow } from './stage/StageWindow.ts'
import { test } from './stage/test.ts'

const shell = ['/', '/*.js', '/assets/*']

test('the page and its assets come back offline, in two tabs, and newer ones replace them', async ({
  stage,
}) => {
  const { vad } = stage.files
  const { answers } = stage.site
  const page = answers.get('/')!
  const text = { 'content-type': 'text/plain' }
  answers.set('/', {
    ...page,
    body: `${String(page.body)}<link rel="stylesheet" href="/assets/app.css?v=1"><p id="app">one</p>`,
  })
  answers.set('/assets/app.css', { headers: { 'content-type': 'text/css' }, body: 'p{color:red}' })
  answers.set('/assets/words.txt', { headers: text, body: 'words' })
  answers.set('/private.txt', { headers: text, body: 'private' })
  await stage.connect({ shell })
  await stage.fetch(vad)
  const get = (path: string): ReturnType<typeof stage.fetch> => stage.fetch(stage.site.url + path)
  expect((await get('assets/words.txt')).text).toBe('words')
  expect((await get('private.txt')).text).toBe('private')

  // The network is used first while it is available.
  answers.set('/assets/words.txt', { headers: text, body: 'newer words' })
  expect((await get('assets/words.txt')).text).toBe('newer words')
  answers.set('/', { ...page, body: String(answers.get('/')!.body).replace('one', 'two') })
  await stage.reload()
  await expect(stage.page.locator('#app')).toHaveText('two')

  await Promise.all([stage.hub.close(), stage.site.close()])
  await stage.context.setOffline(true)
  await stage.reload()
  await expect(stage.page.locator('#app')).toHaveText('two')
  await expect(stage.page.locator('#app')).toHaveCSS('color', 'rgb(255, 0, 0)')
  expect((await get('assets/words.txt')).text).toBe('newer words')
  expect((await get('private.txt')).failure).toBeDefined()

  const other = await stage.tab()
  await expect(other.page.locator('#app')).toHaveText('two')
  for (const tab of [stage, other])
    expect(await tab.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  await stage.page.evaluate(() => (window as unknown as StageWindow).ferry.close())
  expect(await other.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
})

test('failed requests are not stored', async ({ stage }) => {
  const { answers } = stage.site
  const headers = { 'content-type': 'text/plain' }
  await stage.connect({ shell })
  const address = `${stage.site.url}assets/late.txt`
  expect((await stage.fetch(address)).status).toBe(404)
  answers.set('/assets/late.txt', { headers, body: 'here' })
  expect((await stage.fetch(address)).text).toBe('here')
  answers.set('/assets/late.txt', { status: 500, headers, body: 'broken' })
  // A stored file is better than a server error.
  expect(await stage.fetch(address)).toMatchObject({ status: 200, text: 'here' })
})
