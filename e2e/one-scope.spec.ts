import { expect } from '@playwright/test'
import { expectRefusal } from './stage/expectRefusal.ts'
import { test } from './stage/test.ts'

const script = { 'content-type': 'text/javascript' }
const text = { 'content-type': 'application/octet-stream' }
const other = `addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))`

test("another library's service worker keeps its scope: connect() names it and the remedy", async ({
  stage,
}) => {
  const { page, site } = stage
  site.answers.set('/mockServiceWorker.js', { headers: script, body: other })
  await page.goto(site.url)
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/mockServiceWorker.js')
    await navigator.serviceWorker.ready
  })
  await expectRefusal(stage, {
    code: 'scope',
    says: /scope: \/mockServiceWorker\.js.*\{ serviceWorker: registration \}.*unregister/,
  })
  const controller = await page.evaluate(async () => {
    const { active } = (await navigator.serviceWorker.getRegistration()) ?? {}
    return active?.scriptURL
  })
  expect(controller).toBe(`${site.url}mockServiceWorker.js`)
})

test('a page whose scope is taken over by another service worker gets its name, and is not reloaded', async ({
  stage,
}) => {
  const { page, site, files } = stage
  site.answers.set('/coi.js', { headers: script, body: other })
  await stage.connect()
  const loads: string[] = []
  page.on('load', () => loads.push(page.url()))
  await page.evaluate(() => navigator.serviceWorker.register('/coi.js').then(() => undefined))
  await expect
    .poll(async () =>
      (await stage.events('fault')).map(({ code, message }) => `${code} ${message}`),
    )
    .toContainEqual(
      expect.stringMatching(/^scope Another service worker has this scope: \/coi\.js/),
    )
  expect(await stage.fetch(files.vad)).toMatchObject({ status: 200, sha256: files.vad.sha256 })
  expect(loads).toEqual([])
})

test('the first page after a deployment changed `files` is controlled, or gets a request to reload', async ({
  stage,
}) => {
  const { page, site } = stage
  const address = `${site.url}data/weights.dat`
  site.answers.set('/data/weights.dat', { headers: { ...text, etag: '"1"' }, body: 'weights' })
  await stage.connect()
  await stage.connect({ files: ['/data/*'] })
  const first = await stage.fetch(address)
  expect(first.text).toBe('weights')
  const before = (await stage.events('fault')).map(({ message }) => message).join(' ')
  if (first.headers['x-modelferry'] === undefined) expect(before).toContain('Reload the page')
  else expect(before).toBe('')
  await stage.reload()
  expect((await stage.fetch(address)).text).toBe('weights')
  const faults = (await stage.events('fault')).map(({ message }) => message).join(' ')
  expect(faults).not.toContain('Reload the page')
  expect(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toContain(
    'files=',
  )
})

test('connect() in a page opened from a file says that it must be served over HTTP', async ({
  stage,
}) => {
  const { page, site } = stage
  await page.goto('file:///')
  await page.addScriptTag({ content: String(site.answers.get('/modelferry.js')!.body) })
  const refusal = await page.evaluate(async () => {
    const { modelferry } = window as unknown as { modelferry: { connect(): Promise<never> } }
    return await modelferry
      .connect()
      .catch(({ code, message }: { code: string; message: string }) => `${code}: ${message}`)
  })
  expect(refusal).toMatch(/^insecure-context: Serve the page over https or localhost: on file:/)
})
