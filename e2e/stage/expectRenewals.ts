import { expect } from '@playwright/test'
import type { Stage } from './Stage.ts'
import type { StagePage } from './StagePage.ts'

/** Expects that URLs are renewed in time while pieces wait, on a hub whose URLs expire after 2 s. */
export async function expectRenewals(stage: Stage<StagePage>): Promise<void> {
  const { rec } = stage.files
  // Six at a time, four rounds or more: longer than a URL's lifetime. Bodies are slow, responses begin at once.
  const slow = { do: 'stall', after: 1000, ms: 900 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: slow })
  await stage.connect()
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(stage.traffic.refused('xorb')).toEqual([])
  const calls = stage.traffic.of('reconstruction').length
  expect(calls).toBeGreaterThan(1)
  expect(await stage.events('renewed')).toHaveLength(calls - 1)
  expect(stage.traffic.repeated()).toEqual([])
}
