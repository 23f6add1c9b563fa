import { expect } from '@playwright/test'
import type { Stage } from './Stage.ts'
import type { StageFile } from './StageFile.ts'
import type { StagePage } from './StagePage.ts'

/** Expects that files are answered from the device. */
export async function expectHits(
  stage: Stage<StagePage>,
  files: readonly StageFile[],
): Promise<void> {
  for (const file of files) {
    const answer = await stage.fetch(file)
    expect(answer).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(answer.headers['x-modelferry']).toBe('hit')
  }
}
