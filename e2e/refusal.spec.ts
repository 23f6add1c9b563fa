import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 500_000 } })

test('URLs that expire during a download are renewed once, and only refused requests are repeated', async ({
  stage,
}) => {
  const { mixed } = stage.files
  const { faults } = stage.hub.hub
  // During the slow renewal all other requests are refused, too.
  faults.add({ kind: 'reconstruction', nth: 2, action: { do: 'delay', ms: 400 } })
  stage.traffic.after('xorb', 3, () => void stage.hub.hub.expireUrls())
  await stage.connect()
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  const refused = stage.traffic.refused('xorb')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.every(({ status }) => status === 403)).toBe(true)
  expect(stage.traffic.of('reconstruction')).toHaveLength(2)
  expect(stage.traffic.repeated()).toEqual([])
  expect(await stage.events('renewed')).toMatchObject([{ url: stage.url(mixed), generation: 2 }])
  expect(await stage.events('fault')).toEqual([])
})

for (const status of [400, 401, 403, 404])
  test(`everything refused with ${status} until the URLs are renewed`, async ({ stage }) => {
    const { mixed } = stage.files
    const { faults } = stage.hub.hub
    faults.add({ kind: 'xorb', nth: 4, times: null, action: { do: 'status', status } })
    // The second call is the renewal; while it is delayed, all other requests are refused, too.
    faults.add({ kind: 'reconstruction', nth: 2, action: { do: 'delay', ms: 400 } })
    stage.traffic.after('reconstruction', 2, () => faults.clear())
    await stage.connect()
    expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
    const refused = stage.traffic.refused('xorb')
    expect(refused.length).toBeGreaterThan(1)
    expect(refused.length).toBeLessThanOrEqual(6)
    expect(stage.traffic.of('reconstruction')).toHaveLength(2)
    expect(stage.traffic.repeated()).toEqual([])
    expect(await stage.events('renewed')).toHaveLength(1)
  })

test.describe('without CORS headers on errors', () => {
  test.use({
    hubOptions: { descriptorBytes: 500_000, corsOnErrors: false, urlLifetimeMs: 2000 },
  })

  test('a failure near the deadline is taken for a refusal', async ({ stage }) => {
    const { mixed } = stage.files
    // Requested in time, answered after the URLs have expired.
    const action = { do: 'delay', ms: 3100 } as const
    stage.hub.hub.faults.add({ kind: 'xorb', times: 6, action })
    // If it is taken for a network failure, the next attempt is delayed.
    await stage.connect({ retry: { delayMs: 20_000, silentMs: 5000 } })
    const started = Date.now()
    expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
    expect(Date.now() - started).toBeLessThan(action.ms + 3000)
    expect(stage.traffic.refused('xorb')).toHaveLength(6)
    expect(stage.traffic.of('reconstruction')).toHaveLength(2)
    expect(await stage.events('renewed')).toHaveLength(1)
  })
})

test('refused permanently in mid-body: the rest comes from its own URL, and nothing comes twice', async ({
  stage,
}) => {
  const { wide } = stage.files
  const { faults } = stage.hub.hub
  faults.add({ kind: 'xorb', nth: 8, times: null, action: { do: 'status', status: 403 } })
  await stage.connect()
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.refused('xorb')).not.toEqual([])
  expect(stage.traffic.bytes('xorb')).toBeGreaterThan(0)
  const fetched = stage.traffic.all.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(fetched).toBeLessThan(1.1 * wide.size)
})

test('refused permanently: the file is fetched from its own URL after a bounded number of calls', async ({
  stage,
}) => {
  const { mixed } = stage.files
  const { faults } = stage.hub.hub
  faults.add({ kind: 'xorb', times: null, action: { do: 'status', status: 403 } })
  await stage.connect()
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
  // The first call and two renewals; each connection asks at most once with each.
  expect(stage.traffic.of('reconstruction')).toHaveLength(3)
  expect(stage.traffic.of('xorb').length).toBeLessThanOrEqual(18)

  faults.clear()
  expect(await stage.fetch(mixed)).toMatchObject({ status: 200, sha256: mixed.sha256 })
})
