import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect } from '@playwright/test'
import type { BrowserContext } from '@playwright/test'
import { test } from './stage/test.ts'

const shell = ['/', '/modelferry.js', '/modelferry-worker.js']

test('after a restart of the browser all files are still available offline', async ({
  stage,
  launchOptions,
}) => {
  const { rec } = stage.files
  const profile = await mkdtemp(join(tmpdir(), 'modelferry-profile-'))
  const start = (): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, launchOptions)
  try {
    const before = await start()
    const first = stage.with(await before.newPage())
    await first.connect({ shell })
    expect(await first.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
    // The app's own files are stored in the background.
    await expect
      .poll(() => first.page.evaluate(async () => (await caches.keys()).length))
      .toBeGreaterThan(0)
    await before.close()
    await Promise.all([stage.hub.close(), stage.site.close()])

    const after = await start()
    await after.setOffline(true)
    const second = stage.with(await after.newPage())
    await second.page.goto(stage.site.url)
    // By the service worker alone: no page has connected since it was started.
    const answer = await second.fetch(rec)
    expect(answer).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(answer.headers['x-modelferry']).toBe('hit')
    expect(await second.connect({ shell })).toBe(true)
    await expect.poll(() => second.held()).toMatchObject([{ complete: true, verified: 'xet' }])
    await after.close()
  } finally {
    await rm(profile, { recursive: true, force: true })
  }
})
