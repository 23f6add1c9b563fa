import { expect } from '@playwright/test'
import { connectPage } from '../stage/connectPage.ts'
import { fetcherScript } from '../stage/fetcherScript.ts'
import { fetchInWorker, type WorkerAnswer } from '../stage/fetchInWorker.ts'
import { readAuto } from '../stage/readAuto.ts'
import { writeAutoPage } from '../stage/writeAutoPage.ts'
import { connectOwn } from '../ways/stage/connectOwn.ts'
import { test } from './stage/test.ts'

const headers = { 'content-type': 'text/javascript', 'cache-control': 'no-cache' }

test('data-auto: the first fetch of the first visit waits until the page is controlled', async ({
  stage,
}) => {
  writeAutoPage(stage)
  await stage.page.goto(stage.site.url)
  const seen = { controlled: true, faults: [] }
  expect(await stage.page.evaluate(readAuto)).toEqual({ ...seen, atOnce: false, label: 'stream' })
  await stage.page.reload()
  expect(await stage.page.evaluate(readAuto)).toEqual({ ...seen, atOnce: true, label: 'hit' })
})

test('a blob worker that was started before the page was controlled is controlled', async ({
  stage,
}) => {
  const { vad } = stage.files
  const early = (): Promise<WorkerAnswer> => {
    const input = { name: 'early', script: { blob: fetcherScript }, url: stage.url(vad) }
    return stage.page.evaluate(fetchInWorker, input)
  }
  await stage.page.goto(stage.site.url)
  expect(await early()).toMatchObject({ label: null, sha256: vad.sha256 })
  expect(await stage.page.evaluate(connectPage, { hubs: [stage.hub.url] })).toBe(true)
  expect(await early()).toMatchObject({ label: 'stream', sha256: vad.sha256 })
  expect(await stage.events('fault')).toEqual([])
})

test("within the app's own service worker: it claims nothing, and a newer one waits", async ({
  stage,
}) => {
  const { site, hub, page } = stage
  const { vad } = stage.files
  const body = `self.modelferry = ${JSON.stringify({ hubs: [hub.url] })}
importScripts('/modelferry-sw.js')`
  site.answers.set('/sw.js', { headers, body })
  await page.goto(site.url)
  expect(await page.evaluate(connectOwn, { hubs: [hub.url] })).toBe(false)
  await page.reload()
  expect(await page.evaluate(connectOwn, { hubs: [hub.url] })).toBe(true)
  const cold = await stage.fetch(vad)
  expect(cold).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(cold.headers).toHaveProperty('x-modelferry')

  site.answers.set('/sw.js', { headers, body: `${body}\n` })
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update()
  })
  const waiting = (): Promise<string | undefined> =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state)
  await expect.poll(waiting).toBe('installed')
})
