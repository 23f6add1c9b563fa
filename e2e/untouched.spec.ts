import { expect } from '@playwright/test'
import type { CDPSession, Page } from '@playwright/test'
import { fileBytes } from './stage/fileBytes.ts'
import type { PageFetch } from './stage/fetchInPage.ts'
import type { Fetched } from './stage/Fetched.ts'
import { sha256 } from './stage/sha256.ts'
import type { Stage } from './stage/Stage.ts'
import { test } from './stage/test.ts'

const bearer = { authorization: 'Bearer hf_somebody' }
const tree = '/api/models/stage/ocr/tree/main?recursive=true'
const raw = '/stage/ocr/raw/main/rec.onnx'

const odd: readonly [path: string, init: NonNullable<PageFetch['init']>][] = [
  [tree, { method: 'POST' }],
  [tree, { headers: bearer }],
  [raw, { method: 'PUT' }],
  [raw, { headers: { range: 'bytes=0-9' } }],
  [raw, { headers: { 'if-none-match': '"x"' } }],
  ['/stage/ocr/resolve/main/rec.onnx', { method: 'DELETE' }],
  ['/api/whoami-v2', { headers: bearer }],
  ['/api/models/stage/ocr', {}],
  [`/stage/ocr/${'x'.repeat(4096)}`, {}],
]

/** Results of the unusual requests, and what reaches the hub. */
async function askAll(stage: Stage): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const [path, init] of odd) {
    stage.traffic.clear()
    const { headers, ...answer }: Fetched = await stage.fetch(stage.hub.url + path, { init })
    expect(headers).not.toHaveProperty('x-modelferry')
    const asked = stage.traffic.all.map(({ method, status, range }) => ({ method, status, range }))
    seen.push({ path, init, answer, asked })
  }
  return seen
}

test('unsupported requests are answered as without modelferry, each time', async ({ stage }) => {
  await stage.page.goto(stage.site.url)
  const without = await askAll(stage)
  await stage.connect()
  expect(await askAll(stage)).toEqual(without)
  expect(await askAll(stage)).toEqual(without)
})

test('only-if-cached is preserved', async ({ stage }) => {
  stage.site.answers.set('/x.gguf', { headers: {}, body: 'model' })
  await stage.connect()
  const failure = await stage.page.evaluate(
    async (url) =>
      await fetch(url, { cache: 'only-if-cached', mode: 'same-origin' }).then(
        ({ status }) => status,
        (error: unknown) => String(error),
      ),
    `${stage.site.url}x.gguf`,
  )
  expect(failure).toContain('Failed to fetch')
  expect(stage.site.asked).not.toContain('/x.gguf')
})

const page = {
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>app</title><p>start page</p>',
}

test('a navigation is answered by the site; an HTML page instead of a model is a 404', async ({
  stage,
}) => {
  const { answers, url } = stage.site
  const paths = ['models/org/repo/config.json', 'models/org/repo/onnx/model.onnx', 'notes.task']
  for (const path of paths) answers.set(`/${path}`, page)
  answers.set('/models/org/repo.html', page)
  answers.set('/models/org/repo/vocab.json', { headers: {}, body: '{}' })
  await stage.connect()
  for (const path of paths)
    expect(await stage.fetch(url + path), path).toMatchObject({ status: 404 })
  expect((await stage.fetch(`${url}models/org/repo.html`)).text).toBe(page.body)
  expect((await stage.fetch(`${url}models/org/repo/vocab.json`)).text).toBe('{}')
  for (const path of paths) {
    await stage.page.goto(url + path)
    await expect(stage.page.locator('p')).toHaveText('start page')
  }
})

test("the app's own models are recognised by their names alone", async ({ stage }) => {
  const { vad } = stage.files
  const body = await fileBytes.vad()
  const model = { headers: { 'content-length': String(body.length), etag: '"1"' }, body }
  const json = { headers: { 'content-type': 'application/json' }, body: '{}' }
  const { answers, url } = stage.site
  answers.set('/weights/vad.onnx', model)
  answers.set('/shards/model.json', json)
  answers.set('/shards/group1-shard1of1.bin', {
    ...model,
    headers: { ...model.headers, etag: '"2"' },
  })
  answers.set('/other/data.bin', model)
  await stage.connect()
  await stage.fetch(`${url}shards/model.json`)
  const files = ['weights/vad.onnx', 'shards/group1-shard1of1.bin']
  for (const path of files) {
    const cold = await stage.fetch(url + path)
    expect(cold, path).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(cold.headers, path).toHaveProperty('x-modelferry')
  }
  expect((await stage.fetch(`${url}other/data.bin`)).headers).not.toHaveProperty('x-modelferry')
  await Promise.all([stage.hub.close(), stage.site.close()])
  for (const path of files) {
    const range = 'bytes=1000-1999'
    expect(await stage.fetch(url + path), path).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(await stage.fetch(url + path, { init: { headers: { range } } }), path).toMatchObject({
      status: 206,
      sha256: sha256(body.subarray(1000, 2000)),
    })
  }
  expect(await stage.fetch(`${url}other/data.bin`)).toMatchObject({ status: 0 })
})

interface Workers {
  running(): boolean
  stop(): Promise<void>
}

/** The browser's service workers. */
async function watchWorkers(watched: Page): Promise<Workers> {
  const devtools: CDPSession = await watched.context().newCDPSession(watched)
  const running = new Map<string, boolean>()
  devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, runningStatus } of versions)
      running.set(versionId, runningStatus !== 'stopped')
  })
  await devtools.send('ServiceWorker.enable')
  const any = (): boolean => [...running.values()].some(Boolean)
  return {
    running: any,
    stop: async () => {
      await devtools.send('ServiceWorker.stopAllWorkers')
      await expect.poll(any).toBe(false)
    },
  }
}

test('requests that can never be ours do not start the service worker', async ({ stage }) => {
  const { rec } = stage.files
  const { url, answers } = stage.site
  for (const path of ['/app.css', '/models']) answers.set(path, { headers: {}, body: path })
  await stage.connect()
  await stage.fetch(rec)
  // No page is left that keeps the worker alive.
  await stage.page.reload()
  const workers = await watchWorkers(stage.page)
  await workers.stop()
  for (const path of ['app.css', 'models'])
    expect((await stage.fetch(url + path)).text, path).toBe(`/${path}`)
  expect((await stage.fetch(`${url}x.onnx`, { init: { method: 'POST' } })).status).toBe(404)
  expect((await stage.fetch(stage.url(rec), { init: { method: 'POST' } })).status).not.toBe(200)
  expect(workers.running()).toBe(false)
  // Requests that may be ours start it.
  stage.traffic.clear()
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(stage.traffic.all).toEqual([])
  expect(workers.running()).toBe(true)
})
