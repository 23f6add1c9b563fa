import { expect } from '@playwright/test'
import { expectHeldRange } from '../stage/expectHeldRange.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** Ranges and conditions of a complete file. */
export const finishedRanges: CoreScenario = {
  name: 'ranges and conditions on a finished file',
  run: async (stage) => {
    const { vad } = stage.files
    const { size } = vad
    await stage.connect()
    expect((await stage.fetch(vad)).sha256).toBe(vad.sha256)
    stage.traffic.clear()
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1000000-1234567', 1_000_000, 1_234_568],
      ['bytes=-70000', size - 70_000, size],
      ['bytes=2000000-', 2_000_000, size],
    ] as const)
      for (const by of ['page', 'ferry'] as const)
        await expectHeldRange(stage, { range, start, end, by })

    const none = await stage.fetch(vad, { init: { headers: { range: `bytes=${size}-` } } })
    expect(none).toMatchObject({ status: 416, size: 0 })
    const etag = `"${vad.sha256}"`
    const same = await stage.fetch(vad, { init: { headers: { 'if-none-match': etag } } })
    expect(same).toMatchObject({ status: 304, size: 0 })
    const head = await stage.fetch(vad, { init: { method: 'HEAD' } })
    expect(head.headers).toMatchObject({ 'content-length': String(size), etag })
    expect(stage.traffic.all).toEqual([])
  },
}
