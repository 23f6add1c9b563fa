import { test } from '../../stage/test.ts'
import { releases } from '../../versions/stage/releases.ts'
import { updateInMidFile } from '../../versions/stage/updateInMidFile.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('a newer release takes over during ferry.fetch of the older one: both get the file, with one transfer', async ({
  stage,
}) => {
  await updateInMidFile(stage, 'ferry', releases.newer)
})
