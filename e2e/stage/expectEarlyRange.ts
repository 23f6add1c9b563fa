import { expect } from '@playwright/test'
import { fileBytes } from './fileBytes.ts'
import { sha256 } from './sha256.ts'
import type { Stage } from './Stage.ts'
import type { StagePage } from './StagePage.ts'

/** Expects a range of a file in transfer, and then the whole file, with each byte fetched once. */
export async function expectEarlyRange(stage: Stage<StagePage>): Promise<void> {
  const { wide } = stage.files
  const bytes = await fileBytes.wide()
  const whole = stage.fetch(wide)
  const range = 'bytes=20000000-20000999'
  const part = await stage.fetch(wide, { init: { headers: { range } } })
  expect(part).toMatchObject({
    status: 206,
    sha256: sha256(bytes.subarray(20_000_000, 20_001_000)),
  })
  expect(await whole).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.repeated()).toEqual([])
}
