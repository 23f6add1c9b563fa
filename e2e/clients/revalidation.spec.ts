import { expect } from '@playwright/test'
import { ageUrls } from './stage/ageUrls.ts'
import { clientRepos } from './stage/clientRepos.ts'
import { test } from './stage/test.ts'

const voyage = {
  title: 'TensorFlow.js, an hour later',
  client: 'tensorflow',
  realm: 'page',
  wish: { repo: clientRepos.sentences },
} as const

test('a branch is revalidated after an hour, and no weights are fetched', async ({ stage }) => {
  await stage.board()
  await stage.run(voyage, 'cold')
  expect(await stage.page.evaluate(ageUrls)).toBe(9)

  await stage.reload()
  expect((await stage.run(voyage, 'warm')).same).toBeCloseTo(0.846, 3)
  // One request for all files of the repository's revision.
  expect(stage.traffic.all.map(({ method, path }) => `${method} ${path}`)).toHaveLength(1)

  // After the revalidation it is fresh again.
  await stage.reload()
  await stage.run({ ...voyage, title: 'TensorFlow.js, right after that' }, 'warm')
  expect(stage.traffic.all).toEqual([])

  await stage.page.evaluate(ageUrls)
  await stage.leaveNetwork()
  expect((await stage.run(voyage, 'offline')).same).toBeCloseTo(0.846, 3)
})
