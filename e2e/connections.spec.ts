import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

test('a file in one large xorb is fetched over several connections at once', async ({ stage }) => {
  const { wide } = stage.files
  // Slow enough that parallel requests overlap on any machine.
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: { do: 'delay', ms: 300 } })
  await stage.connect()
  expect(await stage.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(new Set(stage.traffic.of('xorb').map(({ path }) => path)).size).toBe(1)
  expect(stage.traffic.overlap('xorb')).toBeGreaterThanOrEqual(4)
  expect(stage.traffic.repeated()).toEqual([])
  // Only chunks at the edges of narrower blocks may be fetched twice.
  expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.05)
})
