import { expect } from '@playwright/test'
import { expectHits } from '../stage/expectHits.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** A page that did not connect, and one that did, after it. */
export const noLoader: CoreScenario = {
  name: 'without a loader the service worker loads the file, and a loader continues with the stored bytes',
  hubOptions: { descriptorBytes: 2_000_000 },
  run: async (stage) => {
    const { rec, config } = stage.files
    await stage.connect()
    await stage.page.reload()
    expect(await stage.page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe(
      'activated',
    )
    for (const file of [rec, config])
      expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(stage.traffic.of('xorb').length).toBeGreaterThan(3)
    expect(stage.traffic.repeated()).toEqual([])

    stage.traffic.clear()
    const warm = (): Promise<void> => expectHits(stage, [rec, config])
    await warm()
    await stage.reload()
    await warm()
    const verified = await stage.page.evaluate(
      (url) => (window as unknown as StageWindow).ferry.verify(url),
      stage.url(rec),
    )
    expect(verified).toBe(true)
    expect(stage.traffic.all).toEqual([])
  },
}
