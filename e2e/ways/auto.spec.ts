import { expect } from '@playwright/test'
import type { ErrorData, Ferry } from 'modelferry'
import type { Stage } from '../stage/Stage.ts'
import { test } from '../stage/test.ts'

interface AutoWindow {
  modelferry: { ready: Promise<Ferry> }
  /** The label of the answer to a fetch that the page makes at once. */
  early: Promise<string | null>
  faults: ErrorData[]
}

/** A page whose first line connects, and whose next one fetches a model already. */
function writePage(stage: Stage): void {
  const url = stage.url(stage.files.vad)
  stage.site.answers.set('/', {
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><title>auto</title><link rel="icon" href="data:,">
<script src="/modelferry.js" data-auto data-hubs="${stage.hub.url}" data-shell="/ /modelferry.js"></script>
<script>
  faults = []
  modelferry.ready.then((ferry) => ferry.addEventListener('fault', ({ detail }) => faults.push(detail)), () => {})
  early = fetch('${url}').then(async (response) => {
    await response.arrayBuffer()
    return response.headers.get('x-modelferry')
  })
</script>`,
  })
}

const early = (stage: Stage): Promise<string | null> =>
  stage.page.evaluate(async () => await (window as unknown as AutoWindow).early)

test('the first fetch of the first visit is carried, and the whole page comes back offline', async ({
  stage,
}) => {
  writePage(stage)
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

test('a page waits no longer than 3 s, and says so', async ({ stage }) => {
  writePage(stage)
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

test('when it cannot connect, the page goes on at once', async ({ stage }) => {
  writePage(stage)
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
