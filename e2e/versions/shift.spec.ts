import { expect } from '@playwright/test'
import { connectPage } from '../stage/connectPage.ts'
import { test } from '../stage/test.ts'

/** Runs in the page. */
function isControlled(): boolean {
  return navigator.serviceWorker.controller !== null
}

test('a page that was reloaded with Shift is controlled again at once', async ({ stage }) => {
  const { vad } = stage.files
  await stage.connect()
  await stage.fetch(vad)
  const devtools = await stage.context.newCDPSession(stage.page)
  const loaded = stage.page.waitForEvent('load')
  await devtools.send('Page.reload', { ignoreCache: true })
  await loaded
  expect(await stage.page.evaluate(isControlled)).toBe(false)

  expect(await stage.page.evaluate(connectPage, { hubs: [stage.hub.url] })).toBe(true)
  expect(await stage.page.evaluate(isControlled)).toBe(true)
  expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('hit')
  expect(await stage.events('fault')).toEqual([])
})
