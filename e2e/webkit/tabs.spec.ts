import { releases } from '../versions/stage/releases.ts'
import { updateInMidFile } from '../versions/stage/updateInMidFile.ts'
import { expectOneTransfer } from '../stage/expectOneTransfer.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('two tabs request one file: it is fetched once', async ({ stage }) => {
  await expectOneTransfer(stage, stage.files.wide)
})

for (const by of ['page', 'ferry'] as const)
  test(`a release takes over during a download, by ${by}: both tabs get it, with one transfer`, async ({
    stage,
  }) => {
    await updateInMidFile(stage, by, releases.newer)
  })
