import { expect } from '@playwright/test'
import type { CoreScenario } from './CoreScenario.ts'

/** URLs that live shorter than a load. */
export const renewal: CoreScenario = {
  name: 'URLs that grow old while pieces wait are renewed in time',
  hubOptions: { urlLifetimeMs: 2000, descriptorBytes: 500_000 },
  play: async (stage) => {
    const { rec } = stage.files
    // Six at a time, four rounds and more: longer than a URL lives.
    const slow = { do: 'stall', after: 1000, ms: 900 } as const
    stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: slow })
    await stage.board()
    expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(stage.traffic.refused('xorb')).toEqual([])
    const calls = stage.traffic.of('reconstruction').length
    expect(calls).toBeGreaterThan(1)
    expect(await stage.news('renewed')).toHaveLength(calls - 1)
    expect(stage.traffic.repeated()).toEqual([])
  },
}
