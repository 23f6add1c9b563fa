import { expect } from '@playwright/test'
import { test } from './stage/test.ts'

const reader = 'hf_reader'

test.use({
  hubOptions: {
    gated: ['stage/ocr'],
    accessTokens: [{ token: reader, read: ['stage/ocr'] }, { token: 'hf_stranger' }],
  },
})

for (const by of ['page', 'ferry'] as const)
  test(`gated, without a token: the hub's own refusal and a remedy, by ${by}`, async ({
    stage,
  }) => {
    const { rec } = stage.files
    await stage.connect()
    const refused = await stage.fetch(rec, { by })
    const real = await fetch(stage.url(rec))
    expect(refused).toMatchObject({ status: 401, text: await real.text() })
    for (const name of ['x-error-code', 'x-error-message', 'content-type'])
      expect(refused.headers[name], name).toBe(real.headers.get(name))
    expect(refused.headers['x-error-code']).toBe('GatedRepo')
    const faults = await stage.events('fault')
    expect(faults).toMatchObject([{ code: 'unauthorized', status: 401, errorCode: 'GatedRepo' }])
    expect(faults[0]?.message).toContain('connect({ auth: { token, origins')
    expect(await stage.held()).toEqual([])
  })

test('with a token in connect() the page fetches as if the file were public', async ({ stage }) => {
  const { rec } = stage.files
  await stage.connect({ token: reader })
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
  stage.traffic.clear()
  const warm = await stage.fetch(rec)
  expect(warm).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(warm.headers['x-modelferry']).toBe('hit')
  expect(stage.traffic.all).toEqual([])

  await stage.hub.close()
  await stage.context.setOffline(true)
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })
})

test("with the page's own Authorization header", async ({ stage }) => {
  const { rec } = stage.files
  await stage.connect()
  const headers = { authorization: `Bearer ${reader}` }
  const cold = await stage.fetch(rec, { init: { headers } })
  expect(cold).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(cold.headers['x-modelferry']).toBe('stream')
  stage.traffic.clear()
  expect(await stage.fetch(rec, { init: { headers } })).toMatchObject({ sha256: rec.sha256 })
  expect(stage.traffic.all).toEqual([])
  const without = await stage.fetch(rec)
  expect(without.status).toBe(401)
})

test('another user does not get a private file from the device', async ({ stage }) => {
  const { rec } = stage.files
  await stage.connect({ token: reader })
  expect(await stage.fetch(rec)).toMatchObject({ status: 200, sha256: rec.sha256 })

  stage.traffic.clear()
  await stage.connect({ token: 'hf_stranger' })
  for (const init of [{}, { headers: { range: 'bytes=0-0' } }, { method: 'HEAD' }]) {
    const refused = await stage.fetch(rec, { init })
    expect(refused.status).toBe(403)
    expect(refused.headers['x-error-code']).toBe('GatedRepo')
  }
  expect(stage.traffic.of('resolve')).toHaveLength(3)
  const [fault] = await stage.events('fault')
  expect(fault).toMatchObject({ code: 'forbidden', status: 403 })
  expect(fault?.message).toContain('ask for access')

  await stage.connect({})
  expect(await stage.fetch(rec)).toMatchObject({ status: 401 })

  stage.hub.hub.gated.delete('stage/ocr')
  const given = await stage.fetch(rec)
  expect(given).toMatchObject({ status: 200, sha256: rec.sha256 })
  expect(given.headers['x-modelferry']).toBe('hit')
  expect(stage.traffic.of('xorb')).toEqual([])
})

test('offline, another user does not get it either', async ({ stage }) => {
  const { rec } = stage.files
  await stage.connect({ token: reader })
  expect(await stage.fetch(rec)).toMatchObject({ status: 200 })
  await stage.connect({ token: 'hf_stranger', retry: { attempts: 1 } })
  await stage.hub.close()
  await stage.context.setOffline(true)
  const refused = await stage.fetch(rec)
  expect(refused).toMatchObject({ status: 0, size: 0 })
  expect(refused.failure).toBeDefined()
})
