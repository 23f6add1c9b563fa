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
  test(`an expired token is requested again, once for all files, by ${by}`, async ({ stage }) => {
    const { rec, vad } = stage.files
    await stage.connect({ token: expired, renewedToken })
    const got = await Promise.all([rec, vad].map((file) => stage.fetch(file, { by })))
    expect(got).toMatchObject([{ sha256: rec.sha256 }, { sha256: vad.sha256 }])
    expect(await renewals(stage)).toBe(1)
    expect(await stage.events('fault')).toEqual([])
    expect(stage.traffic.refused('resolve').length).toBeLessThanOrEqual(2)
    // The files belong to the new token: they are answered without a request to the hub.
    stage.traffic.clear()
    expect(await stage.fetch(rec, { by })).toMatchObject({ status: 200, sha256: rec.sha256 })
    expect(stage.traffic.all).toEqual([])
  })

test('a token that is refused for the storage, or during a download, is requested again', async ({
  stage,
}) => {
  const { rec, vad } = stage.files
  const { faults } = stage.hub.hub
  const refuse = { do: 'status', status: 401 } as const
  await stage.connect({ token, renewedToken })
  faults.add({ kind: 'token', action: refuse })
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(await renewals(stage)).toBe(1)
  // The first request is for the file information; all later ones are for bytes.
  faults.add({ kind: 'resolve', nth: 2, action: refuse })
  expect(await stage.fetch(vad)).toMatchObject({ status: 200, sha256: vad.sha256 })
  expect(await renewals(stage)).toBe(2)
  faults.add({ kind: 'tree', action: refuse })
  const tree = `${stage.hub.url}/api/models/${rec.repo}/tree/main`
  expect(await stage.fetch(tree, { by: 'ferry' })).toMatchObject({ status: 200 })
  // The replacement of the refused token is known by now, so the page is not asked again.
  expect(await renewals(stage)).toBe(2)
})

test('an unchanged token causes no new request to the hub', async ({ stage }) => {
  const { rec } = stage.files
  await stage.connect({ token: expired })
  expect(await stage.fetch(rec)).toMatchObject({ status: 401 })
  expect(await renewals(stage)).toBe(1)
  // Afterwards the page's own request, which has no token, may still get a public file.
  expect(stage.traffic.of('resolve').map(({ authorization }) => authorization)).toEqual([
    true,
    false,
  ])
  expect(await stage.events('fault')).toMatchObject([{ code: 'unauthorized', status: 401 }])
})
