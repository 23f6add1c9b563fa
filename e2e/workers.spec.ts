import { expect } from '@playwright/test'
import { fileBytes } from './stage/fileBytes.ts'
import { sha256 } from './stage/sha256.ts'
import { test } from './stage/test.ts'

/** A page's own worker that fetches what it is told to and answers with label and hash. */
const worker = `
addEventListener('message', async ({ data: { url, headers } }) => {
  const response = await fetch(url, { headers })
  const bytes = await response.arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  postMessage({
    status: response.status,
    label: response.headers.get('x-modelferry'),
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  })
})`

for (const kind of ['module', 'blob', 'blob module'] as const)
  test(`a ${kind} worker of the page fetches through the service worker`, async ({ stage }) => {
    const { vad } = stage.files
    const bytes = await fileBytes.vad()
    const headers = { 'content-type': 'text/javascript' }
    stage.site.answers.set('/fetcher.js', { headers, body: worker })
    await stage.board()
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
        [kind, worker, stage.url(vad), wanted] as const,
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
  })
