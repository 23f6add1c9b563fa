import { expect } from '@playwright/test'
import { readAuto } from '../stage/readAuto.ts'
import { type AutoWindow, writeAutoPage } from '../stage/writeAutoPage.ts'
import { test } from './stage/test.ts'

test('the first fetch of the first visit waits until the page is controlled, also after a forced reload', async ({
  stage,
}) => {
  writeAutoPage(stage)
  await stage.page.goto(stage.site.url)
  const seen = { atOnce: false, controlled: true, faults: [] }
  expect(await stage.page.evaluate(readAuto)).toEqual({ ...seen, label: 'stream' })
  await stage.page.reload()
  expect(await stage.page.evaluate(readAuto)).toEqual({ ...seen, atOnce: true, label: 'hit' })
  await stage.page.evaluate(() => {
    Object.assign(window, { leaving: true })
    // A forced reload, as with Shift; only Firefox has this argument.
    setTimeout(() => (location.reload as (past: boolean) => void)(true))
  })
  await stage.page.waitForFunction((name) => !(name in window), 'leaving', { polling: 50 })
  expect(await stage.page.evaluate(readAuto)).toEqual({ ...seen, label: 'hit' })
})

test('fetches wait no longer than 3 s, and a blob worker that was started meanwhile is reported', async ({
  stage,
}) => {
  writeAutoPage(stage)
  const { answers } = stage.site
  answers.set('/modelferry-sw.js', { ...answers.get('/modelferry-sw.js')!, delayMs: 4000 })
  await stage.page.goto(stage.site.url)
  await stage.page.evaluate(() => void new Worker(URL.createObjectURL(new Blob())))
  expect(await stage.page.evaluate(() => (window as unknown as AutoWindow).early)).toBeNull()
  const faults = (): Promise<unknown> =>
    stage.page.evaluate(() => (window as unknown as AutoWindow).faults)
  await expect.poll(faults).toEqual([
    expect.objectContaining({ code: 'timeout', message: expect.stringContaining('3 s') }),
    expect.objectContaining({
      code: 'worker',
      message: expect.stringContaining('modelferry.ready'),
    }),
  ])
})
