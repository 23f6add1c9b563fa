import { expect } from '@playwright/test'
import { makeBytes } from '../stage/makeBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import { test } from './stage/test.ts'
import { uploadMany } from './stage/uploadMany.ts'

test.use({ hubOptions: { descriptorBytes: 300_000 } })

// A new version is stored in its predecessor's xorb. A part of a xorb cannot be verified by the xorb's hash.
for (const by of ['page', 'ferry'] as const)
  test(`damage in a part of a xorb is never delivered as a range that ends normally, fetched by ${by}`, async ({
    stage,
  }) => {
    const before = makeBytes(8_000_000, 11, ['noise'])
    const after = before.slice(0, 6_000_000)
    await uploadMany(stage.hub.url, 'stage/shared', new Map([['model.bin', before]]))
    const [file] = await uploadMany(stage.hub.url, 'stage/shared', new Map([['model.bin', after]]))
    stage.traffic.clear()
    await stage.connect({ retry: { delayMs: 50 } })
    stage.hub.hub.faults.add({ kind: 'xorb', times: 6, action: { do: 'flip', at: 150_000 } })

    const got = await stage.fetch(file!, { by, init: { headers: { range: 'bytes=1000-199999' } } })
    expect(got.status).toBe(206)
    if (got.failure === undefined) expect(got.sha256).toBe(sha256(after.subarray(1000, 200_000)))
    const whole = await stage.fetch(file!, { by })
    if (whole.failure === undefined) expect(whole.sha256).toBe(file!.sha256)

    stage.hub.hub.faults.clear()
    expect(await stage.fetch(file!)).toMatchObject({ status: 200, sha256: file!.sha256 })
    await expect.poll(() => stage.held()).toMatchObject([{ complete: true, verified: 'xet' }])
    // Every part came from the one xorb, which is larger.
    expect(new Set(stage.traffic.of('xorb').map(({ path }) => path)).size).toBeLessThan(3)
  })
