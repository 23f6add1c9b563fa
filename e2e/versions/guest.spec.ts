import { expect } from '@playwright/test'
import { stopServiceWorkers } from '../stage/stopServiceWorkers.ts'
import type { Stage } from '../stage/Stage.ts'
import { test } from '../stage/test.ts'
import { connectOwn } from '../ways/stage/connectOwn.ts'
import { deploy } from './stage/deploy.ts'
import { releases } from './stage/releases.ts'

const { newer, older } = releases

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

/** The app's own service worker: a newer one waits until the app activates it. */
function giveOwn({ site, hub }: Stage): void {
  const headers = { 'content-type': 'text/javascript', 'cache-control': 'no-cache' }
  const body = `self.modelferry = ${JSON.stringify({ hubs: [hub.url] })}
importScripts('/modelferry-sw.js')
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('message', ({ data }) => data === 'come in' && skipWaiting())`
  site.answers.set('/sw.js', { headers, body })
}

async function connect({ page, site, hub }: Stage): Promise<boolean> {
  await page.goto(site.url)
  return await page.evaluate(connectOwn, { hubs: [hub.url] })
}

/** Runs in the page. */
async function waits(): Promise<boolean> {
  return (await navigator.serviceWorker.getRegistration())?.waiting != null
}

test("an update beside the app's own worker: the old one serves until the app activates the new one", async ({
  stage,
}) => {
  const { wide, vad } = stage.files
  deploy(stage.site, older)
  giveOwn(stage)
  expect(await connect(stage)).toBe(true)
  const { faults } = stage.hub.hub
  const stall = { do: 'stall', after: 100_000, ms: 4000 } as const
  faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
  const running = stage.fetch(wide)
  await stage.until(wide, wide.size / 2)

  deploy(stage.site, newer)
  const other = stage.with(await stage.context.newPage())
  expect(await connect(other)).toBe(true)
  await expect.poll(() => other.page.evaluate(waits)).toBe(true)
  faults.clear()
  const joined = other.fetch(wide)
  expect(await running).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(await joined).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.repeated()).toEqual([])

  // A worker without requests is terminated, and no longer answers queries.
  await stopServiceWorkers(other.page)
  expect(await connect(other)).toBe(true)
  expect(await other.page.evaluate(waits)).toBe(true)
  expect(await other.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })

  await other.page.evaluate(async () => {
    const taken = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve),
    )
    const { waiting } = await navigator.serviceWorker.ready
    waiting?.postMessage('come in')
    await taken
  })
  stage.traffic.clear()
  for (const tab of [stage, other])
    for (const by of ['page', 'ferry'] as const) {
      const held = await tab.fetch(wide, { by })
      expect(held).toMatchObject({ status: 200, sha256: wide.sha256 })
      expect(held.headers['x-modelferry']).toBe('hit')
    }
  expect(stage.traffic.all).toEqual([])
})

test("a forced reload bypasses the app's own worker: only ferry.fetch works, and a fault says so", async ({
  stage,
}) => {
  const { vad } = stage.files
  deploy(stage.site, older)
  giveOwn(stage)
  expect(await connect(stage)).toBe(true)
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })

  const devtools = await stage.context.newCDPSession(stage.page)
  const loaded = stage.page.waitForEvent('load')
  await devtools.send('Page.reload', { ignoreCache: true })
  await loaded
  expect(await stage.page.evaluate(connectOwn, { hubs: [stage.hub.url] })).toBe(false)
  const says = /does not control this page.*Shift.*Reload/
  await expect
    .poll(() => stage.events('fault'))
    .toMatchObject([{ code: 'worker', message: expect.stringMatching(says) }])
  const carried = await stage.fetch(vad, { by: 'ferry' })
  expect(carried).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(carried.headers['x-modelferry']).toBe('hit')
  const plain = await stage.fetch(vad)
  expect(plain).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(plain.headers).not.toHaveProperty('x-modelferry')

  await stage.page.reload()
  expect(await stage.page.evaluate(connectOwn, { hubs: [stage.hub.url] })).toBe(true)
  expect((await stage.fetch(vad)).headers['x-modelferry']).toBe('hit')
})
