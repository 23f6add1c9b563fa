import { expect } from '@playwright/test'
import { expectRenewals } from './stage/expectRenewals.ts'
import { test } from './stage/test.ts'

const descriptorBytes = 500_000

test.describe('one pause', () => {
  // Long enough that nothing expires before the pause, on a busy machine too.
  const lifetime = 4000
  test.use({ hubOptions: { urlLifetimeMs: lifetime, descriptorBytes } })

  test('URLs that expired in a pause are renewed before they are used', async ({ stage }) => {
    const { rec } = stage.files
    const { faults } = stage.hub.hub
    faults.add({ kind: 'xorb', times: null, action: { do: 'delay', ms: 200 } })
    await stage.connect()
    await stage.prefetch(rec)
    await stage.until(rec, 2_000_000)
    await stage.pause()
    const before = stage.traffic.of('xorb').length
    faults.clear()
    await stage.page.waitForTimeout(lifetime)
    await stage.resume()

    expect(before).toBeLessThan(stage.traffic.of('xorb').length)
    expect(stage.traffic.refused('xorb')).toEqual([])
    const calls = stage.traffic.of('reconstruction').map(({ range }) => range)
    const whole = `bytes=0-${rec.size - 1}`
    expect(calls.filter((range) => range === whole)).toHaveLength(2)
    // The rest of a piece that the pause cut may be requested once.
    const rest = calls.filter((range) => range !== whole)
    expect(new Set(rest).size).toBe(rest.length)
    expect(await stage.events('renewed')).toMatchObject([{ url: stage.url(rec), generation: 2 }])
    stage.traffic.clear()
    expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(stage.traffic.all).toEqual([])
  })
})

test.describe('no pause', () => {
  test.use({ hubOptions: { urlLifetimeMs: 2000, descriptorBytes } })

  test('URLs that age while pieces wait are renewed in time, repeatedly', async ({ stage }) => {
    await expectRenewals(stage)
  })
})
