import { releases } from '../versions/stage/releases.ts'
import { updateInMidFile } from '../versions/stage/updateInMidFile.ts'
import { expectOneTransfer } from '../stage/expectOneTransfer.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('two tabs ask for one file: it comes once', async ({ stage }) => {
  await expectOneTransfer(stage, stage.files.wide)
})

for (const by of ['page', 'ferry'] as const)
  test(`a release takes over in the middle of a file, by ${by}: both tabs have it, once`, async ({
    stage,
  }) => {
    await updateInMidFile(stage, by, releases.newer)
  })
