import { test } from '../stage/test.ts'
import { releases } from './stage/releases.ts'
import { updateInMidFile } from './stage/updateInMidFile.ts'

test.use({ hubOptions: { descriptorBytes: 2_000_000 } })

test('a release of another protocol takes over while a page of the older one fetches: both get the file, with one transfer', async ({
  stage,
}) => {
  await updateInMidFile(stage, 'page', releases.other)
})
