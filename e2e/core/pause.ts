import { expect } from '@playwright/test'
import type { CoreScenario } from './CoreScenario.ts'

/** A load that is paused during requests. */
export const pause: CoreScenario = {
  name: 'requests from before a pause hold their connections: later ones wait, and are sent once',
  hubOptions: { descriptorBytes: 2_000_000 },
  run: async (stage) => {
    const { wide } = stage.files
    const { faults } = stage.hub.hub
    await stage.connect({ retry: { firstByteMs: 1500 } })
    const slow = { do: 'stall', after: 500_000, ms: 6000 } as const
    faults.add({ kind: 'xorb', times: null, action: slow })
    await stage.prefetch(wide)
    await expect.poll(() => stage.traffic.of('xorb')).toHaveLength(6)
    await stage.pause()
    faults.clear()
    await stage.resume()
    const pieces = new Set(stage.traffic.of('xorb').map(({ range }) => range)).size
    expect(stage.traffic.of('xorb').length).toBeLessThanOrEqual(pieces + 6)
    expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  },
}
