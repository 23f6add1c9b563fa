import { expect } from '@playwright/test'
import { test } from '../../firefox/stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('a response that takes longer than Firefox lets a service worker wait arrives complete', async ({
  stage,
}) => {
  const { wide } = stage.files
  // Three rounds of six: well past 60 s, after which a worker without pings is terminated.
  const slow = { do: 'stall', after: 500_000, ms: 30_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: slow })
  await stage.connect({ retry: { stallMs: 60_000 } })
  const begun = Date.now()
  const answer = await stage.fetch(wide)
  expect(Date.now() - begun).toBeGreaterThan(75_000)
  expect(answer).toMatchObject({ status: 200, size: wide.size, sha256: wide.sha256 })
  expect(stage.traffic.repeated()).toEqual([])
})
