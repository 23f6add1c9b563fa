import { expect } from '@playwright/test'
import { connectPage } from '../stage/connectPage.ts'
import { fetcherScript } from '../stage/fetcherScript.ts'
import { fetchInWorker, type WorkerAnswer } from '../stage/fetchInWorker.ts'
import { test } from './stage/test.ts'

test('a blob worker that was started before the page was controlled is never controlled, which is reported', async ({
  stage,
}) => {
  const { vad } = stage.files
  const headers = { 'content-type': 'text/javascript' }
  stage.site.answers.set('/fetcher.js', { headers, body: fetcherScript })
  const blob = { blob: fetcherScript }
  const ask = (name: string, script: { blob: string } | { file: string }): Promise<WorkerAnswer> =>
    stage.page.evaluate(fetchInWorker, { name, script, url: stage.url(vad) })
  await stage.page.goto(stage.site.url)
  await ask('early blob', blob)
  await ask('early file', { file: '/fetcher.js' })

  const connect = (): Promise<boolean> =>
    stage.page.evaluate(connectPage, { hubs: [stage.hub.url] })
  expect(await connect()).toBe(true)
  const message = expect.stringMatching(/before .* \(blob:\).*await connect\(\)/)
  await expect.poll(() => stage.events('fault')).toMatchObject([{ code: 'worker', message }])
  const carried = { status: 200, sha256: vad.sha256, label: expect.any(String) }
  expect(await ask('early blob', blob)).toMatchObject({ label: null, sha256: vad.sha256 })
  expect(await ask('early file', { file: '/fetcher.js' })).toEqual(carried)
  expect(await ask('late blob', blob)).toEqual({ ...carried, label: 'hit' })

  expect(await stage.reload()).toBe(true)
  expect(await ask('blob', blob)).toEqual({ ...carried, label: 'hit' })
  expect(await connect()).toBe(true)
  await stage.held()
  expect(await stage.events('fault')).toEqual([])
})
