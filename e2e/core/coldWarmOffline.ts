import { expect } from '@playwright/test'
import { expectHits } from '../stage/expectHits.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** A file from its first request to offline use. */
export const coldWarmOffline: CoreScenario = {
  name: 'cold, warm, after a reload, and offline',
  run: async (stage) => {
    const { rec, vad, config } = stage.files
    const shell = ['/', '/modelferry.js', '/modelferry-worker.js']
    expect(await stage.connect({ shell })).toBe(true)
    for (const file of [rec, vad, config]) {
      const cold = await stage.fetch(file)
      expect(cold).toMatchObject({ status: 200, sha256: file.sha256, size: file.size })
    }
    expect(stage.traffic.repeated()).toEqual([])

    stage.traffic.clear()
    const warm = (): Promise<void> => expectHits(stage, [rec, vad, config])
    await warm()
    await stage.reload()
    await warm()
    expect(stage.traffic.all).toEqual([])

    await Promise.all([stage.hub.close(), stage.site.close()])
    await stage.reload()
    await warm()
    const held = await stage.held()
    expect(held.every(({ complete }) => complete)).toBe(true)
    const proofs = Object.fromEntries(held.map(({ size, verified }) => [size, verified]))
    expect(proofs).toEqual({ [rec.size]: 'xet', [vad.size]: 'xet', [config.size]: 'no' })
  },
}
