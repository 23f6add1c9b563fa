import { expect } from '@playwright/test'
import { releases } from '../versions/stage/releases.ts'
import { updateInMidFile } from '../versions/stage/updateInMidFile.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('two tabs ask for one file: it comes once', async ({ stage }) => {
  const { wide } = stage.files
  await stage.board()
  const other = await stage.tab()
  const answers = await Promise.all([stage.fetch(wide), other.fetch(wide)])
  for (const answer of answers) expect(answer).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.repeated()).toEqual([])
})

for (const by of ['page', 'ferry'] as const)
  test(`a release takes over in the middle of a file, by ${by}: both tabs have it, once`, async ({
    stage,
  }) => {
    await updateInMidFile(stage, by, releases.newer)
  })
