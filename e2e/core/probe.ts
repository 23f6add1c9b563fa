import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import type { CoreScenario } from './CoreScenario.ts'

/** The first request of many libraries. */
export const probe: CoreScenario = {
  name: 'a probe gets its headers without waiting for a load, and its correct byte',
  run: async (stage, { answersWhole }) => {
    const { rec } = stage.files
    const bytes = await fileBytes.rec()
    await stage.connect()
    const probe = { init: { headers: { range: 'bytes=0-0' } } }
    const begun = Date.now()
    const first = await stage.fetch(rec, probe)
    // A fed body may wait five seconds for a load. When responses are sent whole, the headers would wait too.
    if (answersWhole) expect(Date.now() - begun).toBeLessThan(4000)
    expect(first).toMatchObject({ status: 206, sha256: sha256(bytes.subarray(0, 1)) })
    expect(first.headers).toMatchObject({
      'x-modelferry': 'unproven',
      'content-range': `bytes 0-0/${rec.size}`,
    })
    expect(stage.traffic.bytes('xorb')).toBeLessThan(200_000)

    await stage.hub.close()
    const offline = await stage.fetch(rec, probe)
    expect(offline.headers['content-range']).toBe(`bytes 0-0/${rec.size}`)
    expect(offline, 'never an invented byte').toMatchObject({ status: 206, size: 0 })
    expect(offline.failure).toBeDefined()
  },
}
