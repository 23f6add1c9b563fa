import { expect } from '@playwright/test'
import type { Stage } from './Stage.ts'
import type { StageFile } from './StageFile.ts'
import type { StageTab } from './StageTab.ts'

/** Expects that two tabs which request a file of several pieces at once both get it, by one transfer. */
export async function expectOneTransfer(stage: Stage<StageTab>, file: StageFile): Promise<void> {
  await stage.connect()
  const other = await stage.tab()
  const whole = { status: 200, sha256: file.sha256 }
  expect(await Promise.all([stage.fetch(file), other.fetch(file)])).toMatchObject([whole, whole])
  expect(stage.traffic.of('xorb').length).toBeGreaterThan(4)
  expect(stage.traffic.repeated()).toEqual([])
}
