import { expect } from '@playwright/test'
import { FirefoxPage } from '../../firefox/stage/FirefoxPage.ts'
import { openFirefox } from '../../firefox/stage/openFirefox.ts'
import { test } from '../../firefox/stage/test.ts'

test('the engine is available again after the service worker was terminated, even if its file is gone', async ({
  stage,
}) => {
  const { vad } = stage.files
  const firefox = await openFirefox({ settings: { 'dom.serviceWorkers.idle_timeout': 1000 } })
  try {
    const page = new FirefoxPage(await firefox.newPage())
    const visit = stage.with(page)
    await visit.connect()
    // No page connects from here on.
    await page.reload()
    stage.site.answers.delete('/modelferry-worker.js')
    expect(await answers(page)).toBe(true)
    await expect.poll(() => answers(page), { intervals: [2000], timeout: 30_000 }).toBe(false)
    expect(await visit.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
    expect(stage.traffic.of('reconstruction')).toHaveLength(1)
  } finally {
    await firefox.close()
  }
})

/** Whether the service worker runs; the check does not start it. */
async function answers(page: FirefoxPage): Promise<boolean> {
  return await page.evaluate(async () => {
    const script = navigator.serviceWorker.controller?.scriptURL
    const channel = new BroadcastChannel('modelferry')
    try {
      return await new Promise<boolean>((resolve) => {
        channel.addEventListener('message', () => resolve(true))
        const ask = { kind: 'ask', id: 'there?', name: 'version', ask: { script } }
        channel.postMessage({ protocol: 3, from: 'test', ...ask })
        setTimeout(() => resolve(false), 500)
      })
    } finally {
      channel.close()
    }
  })
}
