import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

test.describe('with tokens and URLs of two seconds', () => {
  test.use({
    hubOptions: { tokenLifetimeMs: 2000, urlLifetimeMs: 2000, descriptorBytes: 500_000 },
  })

  test('a CAS token that expires during a download is renewed before it is used', async ({
    stage,
  }) => {
    const { rec } = stage.files
    const slow = { do: 'stall', after: 1000, ms: 900 } as const
    stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: slow })
    await stage.connect()
    expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
    const tokens = stage.traffic.of('token').length
    expect(tokens).toBeGreaterThan(1)
    expect(tokens).toBeLessThanOrEqual(stage.traffic.of('reconstruction').length)
    expect(stage.traffic.refused('reconstruction')).toEqual([])
  })
})

test('a CAS token refused during a download is renewed once for all requests', async ({
  stage,
}) => {
  const { wide } = stage.files
  const { faults } = stage.hub.hub
  // The first call reports that the file is one xorb; the narrower calls that follow are all refused.
  faults.add({
    kind: 'reconstruction',
    nth: 2,
    times: null,
    action: { do: 'status', status: 401 },
  })
  faults.add({ kind: 'token', nth: 2, action: { do: 'delay', ms: 400 } })
  stage.traffic.after('token', 2, () => faults.clear())
  await stage.connect()
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.refused('reconstruction').length).toBeGreaterThan(1)
  expect(stage.traffic.of('token')).toHaveLength(2)
  expect(stage.traffic.repeated()).toEqual([])
})
