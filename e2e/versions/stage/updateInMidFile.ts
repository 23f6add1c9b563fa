import { expect } from '@playwright/test'
import type { PageFetch } from '../../stage/fetchInPage.ts'
import type { Stage } from '../../stage/Stage.ts'
import type { StageTab } from '../../stage/StageTab.ts'
import type { StageWindow } from '../../stage/StageWindow.ts'
import { deploy } from './deploy.ts'
import type { Release } from './Release.ts'
import { releases } from './releases.ts'

/**
 * Updates the site while a tab of the older release fetches; the hub's descriptors have 2 MB.
 *
 * @param by how that tab fetches
 * @param next the release after the update
 */
export async function updateInMidFile(
  stage: Stage<StageTab>,
  by: NonNullable<PageFetch['by']>,
  next: Release,
): Promise<void> {
  const { wide, vad, rec } = stage.files
  deploy(stage.site, releases.older)
  await stage.connect()
  await stage.page.evaluate(() => {
    const page = window as unknown as { taken: Promise<unknown> }
    page.taken = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
    )
  })
  const stall = { do: 'stall', after: 100_000, ms: 3000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 12, times: null, action: stall })
  const running = stage.fetch(wide, { by })
  await stage.until(wide, wide.size / 2)

  deploy(stage.site, next)
  const tab = await stage.tab()
  const joined = tab.fetch(wide)
  stage.hub.hub.faults.clear()
  expect(await running).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(await joined).toMatchObject({ status: 200, sha256: wide.sha256 })
  await stage.page.evaluate(async () => {
    await (window as unknown as { taken: Promise<unknown> }).taken
  })
  expect(stage.traffic.repeated()).toEqual([])

  // The older page under the newer service worker.
  stage.traffic.clear()
  for (const way of ['page', 'ferry'] as const)
    expect((await stage.fetch(wide, { by: way })).headers['x-modelferry']).toBe('hit')
  expect(stage.traffic.all).toEqual([])
  const cold = await stage.fetch(vad)
  expect(cold).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(cold.headers).toHaveProperty('x-modelferry')
  await stage.page.evaluate(async (url) => {
    await (window as unknown as StageWindow).ferry.prefetch([url])
  }, stage.url(rec))
  for (const each of [stage, tab])
    expect((await each.fetch(rec)).headers['x-modelferry']).toBe('hit')
  expect(stage.traffic.repeated()).toEqual([])
  expect(await stage.events('fault')).toEqual([])
}
