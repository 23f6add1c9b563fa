import { expect } from '@playwright/test'
import { expectEarlyRange } from './stage/expectEarlyRange.ts'
import { fileBytes } from './stage/fileBytes.ts'
import { sha256 } from './stage/sha256.ts'
import type { Stage } from './stage/Stage.ts'
import type { StageFile } from './stage/StageFile.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { stopServiceWorkers } from './stage/stopServiceWorkers.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

/** The service worker controls the page, which does not connect, so there is no loader. */
async function withoutLoader(
  stage: Stage,
  options: Parameters<Stage['connect']>[0] = {},
): Promise<void> {
  await stage.connect(options)
  await stage.page.reload()
  expect(await stage.page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe(
    'activated',
  )
}

test('without a loader the service worker loads by itself, and a loader takes over its files', async ({
  stage,
}) => {
  const { rec, vad, config } = stage.files
  const bytes = await fileBytes.rec()
  await withoutLoader(stage)
  for (const file of [rec, vad, config]) {
    const cold = await stage.fetch(file)
    expect(cold).toMatchObject({ status: 200, sha256: file.sha256, size: file.size })
    // A small file is stored before it is answered.
    expect(cold.headers['x-modelferry']).toBe(file === config ? 'hit' : 'stream')
  }
  expect(stage.traffic.repeated()).toEqual([])
  expect(stage.traffic.of('xorb').length).toBeGreaterThan(5)

  stage.traffic.clear()
  for (const file of [rec, vad, config]) {
    const warm = await stage.fetch(file)
    expect(warm).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(warm.headers['x-modelferry']).toBe('hit')
  }
  for (const [range, part] of [
    ['bytes=0-0', bytes.subarray(0, 1)],
    ['bytes=1999990-4000010', bytes.subarray(1_999_990, 4_000_011)],
    ['bytes=-7', bytes.subarray(-7)],
  ] as const) {
    const got = await stage.fetch(rec, { init: { headers: { range } } })
    expect(got, range).toMatchObject({ status: 206, sha256: sha256(part) })
  }
  expect(stage.traffic.all).toEqual([])

  await stage.reload()
  for (const file of [rec, vad, config]) {
    const warm = await stage.fetch(file)
    expect(warm).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(warm.headers['x-modelferry']).toBe('hit')
    expect(await verify(stage, file)).toBe(true)
    expect((await stage.fetch(file, { by: 'ferry' })).sha256).toBe(file.sha256)
  }
  expect(stage.traffic.all).toEqual([])
})

test('without a loader refused URLs are renewed and damage is repaired', async ({ stage }) => {
  const { mixed, wide } = stage.files
  const { faults } = stage.hub.hub
  await withoutLoader(stage)
  faults.add({ kind: 'xorb', nth: 2, action: { do: 'flip', at: 300_000 } })
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  expect(faults.rules).toEqual([])

  stage.traffic.clear()
  stage.traffic.after('xorb', 2, () => void stage.hub.hub.expireUrls())
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.refused('xorb').length).toBeGreaterThan(0)
  expect(stage.traffic.of('reconstruction')).toHaveLength(2)
  expect(stage.traffic.repeated()).toEqual([])
})

test('without a loader ranges of an unfinished file are answered, and a refusal arrives unchanged', async ({
  stage,
}) => {
  const { rec } = stage.files
  await withoutLoader(stage)
  await expectEarlyRange(stage)

  stage.hub.hub.gated.add('stage/ocr')
  const refused = await stage.fetch(rec)
  expect(refused.status).toBe(401)
  expect(refused.headers['x-error-code']).toBe('GatedRepo')
})

test('without a loader xet: false and endpoints hold, also after the service worker was terminated', async ({
  stage,
}) => {
  const { vad } = stage.files
  const mapped = 'http://nothing.invalid'
  await withoutLoader(stage, { xet: false, endpoints: { [mapped]: stage.hub.url } })
  await stopServiceWorkers(stage.page)
  const got = await stage.fetch(vad)
  expect(got).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(got.headers['x-modelferry']).toBe('stream')
  expect(stage.traffic.of('reconstruction')).toEqual([])
  const script = await stage.page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)
  expect(new URL(script ?? '').searchParams.get('endpoints')).toBe(`${mapped} ${stage.hub.url}`)
})

test('a loader takes over the work, even if it starts late', async ({ stage }) => {
  const { wide } = stage.files
  await withoutLoader(stage)
  const stall = { do: 'stall', after: 0, ms: 3000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 6, action: stall })
  const first = stage.fetch(wide)
  await expect.poll(() => stage.traffic.of('xorb').length).toBeGreaterThan(8)
  const other = await stage.tab()
  expect(await other.fetch(wide, { by: 'ferry' })).toMatchObject({ sha256: wide.sha256 })
  expect(await first).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.repeated()).toEqual([])
})

test('the engine is available again after the service worker was terminated, even if its file is gone', async ({
  stage,
}) => {
  const { vad } = stage.files
  await withoutLoader(stage)
  stage.site.answers.delete('/modelferry-worker.js')
  await stopServiceWorkers(stage.page)
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(stage.traffic.of('reconstruction')).toHaveLength(1)
})

test('a service worker whose engine is missing is not installed, and the next visit finds both', async ({
  stage,
}) => {
  const { vad } = stage.files
  const { answers } = stage.site
  const worker = answers.get('/modelferry-worker.js')!
  answers.delete('/modelferry-worker.js')
  await expect(stage.connect()).rejects.toThrow(/modelferry-worker\.js is missing/)
  expect(await stage.page.evaluate(() => navigator.serviceWorker.controller)).toBeNull()

  answers.set('/modelferry-worker.js', worker)
  await withoutLoader(stage)
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
})

test("in a service worker of the app's own an older engine is not run, and the browser's update installs the right one", async ({
  stage,
}) => {
  const { vad } = stage.files
  const { answers } = stage.site
  const headers = { 'content-type': 'text/javascript; charset=utf-8' }
  const worker = answers.get('/modelferry-worker.js')!
  answers.set('/modelferry-worker.js', {
    headers,
    body: `self[Symbol.for('modelferry.engine')] = { build: 'older', version: '0.0.1' }`,
  })
  answers.set('/sw.js', {
    headers,
    body: `self.modelferry = { hubs: ['${stage.hub.url}'] }
importScripts('/modelferry-sw.js')
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))`,
  })
  await stage.page.goto(stage.site.url)
  await stage.page.evaluate(changeWorker, false)
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(plain.headers).not.toHaveProperty('x-modelferry')

  answers.set('/modelferry-worker.js', worker)
  await stage.page.evaluate(changeWorker, true)
  const carried = await stage.fetch(vad)
  expect(carried).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(carried.headers['x-modelferry']).toBe('stream')
})

/** Runs in the page: registers the app's service worker, or updates it, until another one is in control. */
async function changeWorker(update: boolean): Promise<void> {
  const { serviceWorker } = navigator
  const changed = new Promise((resolve) =>
    serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
  )
  // A parameter of the app's own that has the same name as one of ours.
  const registration = await serviceWorker.register('/sw.js?worker=1')
  if (update) await registration.update()
  await changed
}

async function verify(stage: Stage, file: StageFile): Promise<boolean> {
  return await stage.page.evaluate(
    (url) => (window as unknown as StageWindow).ferry.verify(url),
    stage.url(file),
  )
}
