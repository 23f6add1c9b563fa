import { test } from '../../stage/test.ts'
import { releases } from '../../versions/stage/releases.ts'
import { updateInMidFile } from '../../versions/stage/updateInMidFile.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('a newer release takes over while ferry.fetch of the older one is under way: both have the file, once', async ({
  stage,
}) => {
  await updateInMidFile(stage, 'ferry', releases.newer)
})
