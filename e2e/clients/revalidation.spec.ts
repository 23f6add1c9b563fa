import { expect } from '@playwright/test'
import { ageUrls } from './stage/ageUrls.ts'
import { clientRepos } from './stage/clientRepos.ts'
import type { ClientStage } from './stage/ClientStage.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { test } from './stage/test.ts'

const repo = clientRepos.split
const urls = ['model.onnx', 'model.onnx_data', 'model.onnx_data_1'].map(
  (path) => `${hubOrigin}/${repo}/resolve/main/onnx/${path}`,
)

/** Requests the files of a model as its library does, and reads them. */
async function load(stage: ClientStage): Promise<void> {
  const sizes = await stage.page.evaluate(
    (all) => Promise.all(all.map(async (url) => (await (await fetch(url)).blob()).size)),
    urls,
  )
  const expected = urls.map((url) => stage.file(repo, url.split('/main/')[1]!).size)
  expect(sizes).toEqual(expected)
}

test('a branch is revalidated after an hour, and no weights are fetched', async ({ stage }) => {
  await stage.connect()
  await load(stage)
  expect(await stage.page.evaluate(ageUrls)).toBe(urls.length)

  await stage.reload()
  await load(stage)
  // One request for all files of the repository's revision.
  expect(stage.traffic.all.map(({ method, path }) => `${method} ${path}`)).toHaveLength(1)

  // After the revalidation it is fresh again.
  await stage.reload()
  await load(stage)
  expect(stage.traffic.all).toEqual([])

  await stage.page.evaluate(ageUrls)
  await stage.leaveNetwork()
  await load(stage)
})
