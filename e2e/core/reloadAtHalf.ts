import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import type { CoreScenario } from './CoreScenario.ts'

/** A page that is reloaded during a load. */
export const reloadAtHalf: CoreScenario = {
  name: 'after a reload at half, only the pieces in flight are requested again',
  hubOptions: { descriptorBytes: 2_000_000 },
  run: async (stage, { lastsAtOnce }) => {
    const { wide } = stage.files
    const { faults } = stage.hub.hub
    await stage.connect()
    // In Firefox, requests of a terminated worker continue to their end, and hold connections until then.
    const slow = { do: 'stall', after: 500_000, ms: 3000 } as const
    faults.add({ kind: 'xorb', nth: 12, times: null, action: slow })
    await stage.prefetch(wide)
    await stage.until(wide, wide.size / 2)
    await expect.poll(() => stage.traffic.of('xorb').filter(({ done }) => !done)).toHaveLength(6)
    const lasting = async (): Promise<number> => (await stage.held())[0]?.held ?? 0
    if (!lastsAtOnce) await expect.poll(lasting).toBeGreaterThan(wide.size / 2)
    const before = stage.traffic.of('xorb')
    const whole = before.filter(({ done }) => done)
    expect(whole.length).toBeGreaterThan(3)
    faults.clear()
    await stage.reload()
    expect(await stage.held()).toMatchObject([{ complete: false }])

    expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
    const after = stage.traffic.of('xorb').slice(before.length)
    expect(after.length).toBeGreaterThan(0)
    expect(after.filter((each) => whole.some((other) => samePiece(each, other)))).toEqual([])
    // While requests of the terminated worker hold the connections, the page's own request may be made instead: it is not kept.
    await stage.prefetch(wide)
    await expect.poll(() => stage.held()).toMatchObject([{ complete: true, verified: 'xet' }])
  },
}

/** Whether two requests were for the same bytes. */
export function samePiece(one: LogEntry, other: LogEntry): boolean {
  return one.path === other.path && one.range === other.range
}
