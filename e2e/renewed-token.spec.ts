import { expect } from '@playwright/test'
import type { Stage } from './stage/Stage.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { test } from './stage/test.ts'

const expired = 'hf_expired'
const token = 'hf_first'
const renewedToken = 'hf_second'
const read = ['stage/ocr', 'stage/silero']

test.use({
  hubOptions: {
    gated: read,
    accessTokens: [
      { token, read },
      { token: renewedToken, read },
    ],
    withoutXet: ['stage/silero'],
  },
})

async function renewals(stage: Stage): Promise<number> {
  return await stage.page.evaluate(() => (window as unknown as StageWindow).renewals)
}

for (const by of ['page', 'ferry'] as const)
  test(`a token that ran out is asked for again, once for all files, by ${by}`, async ({
    stage,
  }) => {
    const { rec, vad } = stage.files
    await stage.board({ token: expired, renewedToken })
    const got = await Promise.all([rec, vad].map((file) => stage.fetch(file, { by })))
    expect(got).toMatchObject([{ sha256: rec.sha256 }, { sha256: vad.sha256 }])
    expect(await renewals(stage)).toBe(1)
    expect(await stage.news('fault')).toEqual([])
    expect(stage.traffic.refused('resolve').length).toBeLessThanOrEqual(2)
    // What came belongs to the new token: it is answered without a question.
    stage.traffic.clear()
    expect(await stage.fetch(rec, { by })).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(stage.traffic.all).toEqual([])
  })

test('a token that is refused for the storage, or in mid-file, is asked for again', async ({
  stage,
}) => {
  const { rec, vad } = stage.files
  const { faults } = stage.hub.hub
  const refuse = { do: 'status', status: 401 } as const
  await stage.board({ token, renewedToken })
  faults.add({ kind: 'token', action: refuse })
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(await renewals(stage)).toBe(1)
  // The first question is what the file is; from then on they are for its bytes.
  faults.add({ kind: 'resolve', nth: 2, action: refuse })
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(await renewals(stage)).toBe(2)
  faults.add({ kind: 'tree', action: refuse })
  const tree = `${stage.hub.url}/api/models/${rec.repo}/tree/main`
  expect(await stage.fetch(tree, { by: 'ferry' })).toMatchObject({ status: 200 })
  // The token that replaced the refused one is known by now: the page is not asked for it again.
  expect(await renewals(stage)).toBe(2)
})

test('the same token again is no reason to ask the hub again', async ({ stage }) => {
  const { rec } = stage.files
  await stage.board({ token: expired })
  expect(await stage.fetch(rec)).toMatchObject({ status: 401 })
  expect(await renewals(stage)).toBe(1)
  expect(stage.traffic.of('resolve')).toHaveLength(1)
  expect(await stage.news('fault')).toMatchObject([{ code: 'unauthorized', status: 401 }])
})
