import { expect } from '@playwright/test'
import type { ErrorData } from 'modelferry'
import type { Stage } from '../stage/Stage.ts'
import { test } from '../stage/test.ts'
import { type AutoWindow, writeAutoPage } from '../stage/writeAutoPage.ts'

const early = (stage: Stage): Promise<string | null> =>
  stage.page.evaluate(async () => await (window as unknown as AutoWindow).early)

test('the first fetch of the first visit is intercepted, and the whole page loads offline', async ({
  stage,
}) => {
  writeAutoPage(stage)
  await stage.page.goto(stage.site.url)
  expect(await early(stage)).toBe('stream')
  await stage.page.evaluate(async () => {
    const ferry = await (window as unknown as AutoWindow).modelferry.ready
    return [...(await ferry.files())]
  })
  await stage.page.reload()
  expect(await early(stage)).toBe('hit')
  await Promise.all([stage.hub.close(), stage.site.close()])
  await stage.context.setOffline(true)
  await stage.page.reload()
  expect(await early(stage)).toBe('hit')
})

test('a page waits no longer than 3 s, and logs it', async ({ stage }) => {
  writeAutoPage(stage)
  const { answers } = stage.site
  answers.set('/modelferry-sw.js', { ...answers.get('/modelferry-sw.js')!, delayMs: 5000 })
  const said = stage.page.waitForEvent('console', (message) => message.type() === 'warning')
  await stage.page.goto(stage.site.url)
  expect(await early(stage)).toBeNull()
  expect((await said).text()).toContain('not ready within 3 s')
  await stage.page.waitForFunction(() => (window as unknown as AutoWindow).faults.length > 0)
  const [fault] = await stage.page.evaluate(() => (window as unknown as AutoWindow).faults)
  expect(fault).toMatchObject({ code: 'timeout', message: expect.stringContaining('3 s') })
  expect((await stage.fetch(stage.files.vad)).headers).toHaveProperty('x-modelferry')
})

test('when it cannot connect, the page continues at once', async ({ stage }) => {
  writeAutoPage(stage)
  stage.site.answers.delete('/modelferry-sw.js')
  const said = stage.page.waitForEvent('console', (message) => message.type() === 'warning')
  await stage.page.goto(stage.site.url)
  expect(await early(stage)).toBeNull()
  expect((await said).text()).toContain('npx modelferry init')
  const code = await stage.page.evaluate(async () => {
    const error: unknown = await (window as unknown as AutoWindow).modelferry.ready.catch(
      (error: unknown) => error,
    )
    return (error as ErrorData).code
  })
  expect(code).toBe('worker')
})

test('after a forced reload a page is controlled again', async ({ stage }) => {
  writeAutoPage(stage)
  await stage.page.goto(stage.site.url)
  expect(await early(stage)).toBe('stream')
  // A forced reload, as with Shift.
  const browser = await stage.context.newCDPSession(stage.page)
  const loaded = stage.page.waitForEvent('load')
  await Promise.all([loaded, browser.send('Page.reload', { ignoreCache: true })])
  expect(await early(stage)).toBe('hit')
  const seen = await stage.page.evaluate(async () => {
    const { atOnce, modelferry, faults } = window as unknown as AutoWindow
    return { atOnce, controlled: (await modelferry.ready).controlled, faults }
  })
  expect(seen).toEqual({ atOnce: false, controlled: true, faults: [] })
})
