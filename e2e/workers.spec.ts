import { expect } from '@playwright/test'
import { connectPage } from './stage/connectPage.ts'
import { fetcherScript } from './stage/fetcherScript.ts'
import { fetchInWorker } from './stage/fetchInWorker.ts'
import { fileBytes } from './stage/fileBytes.ts'
import { onlyLong } from './stage/onlyLong.ts'
import { sha256 } from './stage/sha256.ts'
import { test } from './stage/test.ts'

for (const kind of ['module', 'blob', 'blob module'] as const)
  test(
    `a ${kind} worker of the page fetches through the service worker`,
    onlyLong(kind === 'blob module'),
    async ({ stage }) => {
      const { vad } = stage.files
      const bytes = await fileBytes.vad()
      const headers = { 'content-type': 'text/javascript' }
      stage.site.answers.set('/fetcher.js', { headers, body: fetcherScript })
      await stage.connect()
      const ask = (wanted: Record<string, string>): Promise<unknown> =>
        stage.page.evaluate(
          async ([what, text, url, wantedHeaders]) => {
            const source = what.startsWith('blob')
              ? URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
              : '/fetcher.js'
            const made = new Worker(source, what.endsWith('module') ? { type: 'module' } : {})
            const answer = new Promise((resolve, reject) => {
              made.addEventListener('message', ({ data }) => resolve(data))
              made.addEventListener('error', ({ message }) => reject(new Error(message)))
            })
            made.postMessage({ url, headers: wantedHeaders })
            return await answer.finally(() => made.terminate())
          },
          [kind, fetcherScript, stage.url(vad), wanted] as const,
        )

      expect(await ask({})).toEqual({ status: 200, label: 'stream', sha256: vad.sha256 })
      stage.traffic.clear()
      expect(await ask({})).toEqual({ status: 200, label: 'hit', sha256: vad.sha256 })
      expect(await ask({ range: 'bytes=1000-1999' })).toEqual({
        status: 206,
        label: 'hit',
        sha256: sha256(bytes.subarray(1000, 2000)),
      })
      expect(stage.traffic.all).toEqual([])
    },
  )

test('workers started before the page was controlled are controlled as well', async ({ stage }) => {
  const { vad } = stage.files
  const headers = { 'content-type': 'text/javascript' }
  stage.site.answers.set('/fetcher.js', { headers, body: fetcherScript })
  const workers = [
    { name: 'blob', script: { blob: fetcherScript } },
    { name: 'file', script: { file: '/fetcher.js' } },
  ]
  await stage.page.goto(stage.site.url)
  for (const worker of workers)
    expect(
      await stage.page.evaluate(fetchInWorker, { ...worker, url: stage.url(vad) }),
    ).toMatchObject({ label: null, sha256: vad.sha256 })
  expect(await stage.page.evaluate(connectPage, { hubs: [stage.hub.url] })).toBe(true)
  for (const worker of workers) {
    const answer = await stage.page.evaluate(fetchInWorker, { ...worker, url: stage.url(vad) })
    expect(answer).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(answer.label).not.toBeNull()
  }
  expect(await stage.events('fault')).toEqual([])
})
