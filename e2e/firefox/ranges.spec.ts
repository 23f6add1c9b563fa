import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import { test } from './stage/test.ts'

test('ranges and conditions on a finished file', async ({ stage }) => {
  const { vad } = stage.files
  const { size } = vad
  const bytes = await fileBytes.vad()
  await stage.board()
  expect((await stage.fetch(vad)).sha256).toBe(vad.sha256)
  stage.traffic.clear()
  for (const [range, start, end] of [
    ['bytes=0-0', 0, 1],
    ['bytes=1000000-1234567', 1_000_000, 1_234_568],
    ['bytes=-70000', size - 70_000, size],
    ['bytes=2000000-', 2_000_000, size],
  ] as const)
    for (const by of ['page', 'ferry'] as const) {
      const part = await stage.fetch(vad, { by, init: { headers: { range } } })
      expect(part, range).toMatchObject({ status: 206, size: end - start })
      expect(part.sha256, range).toBe(sha256(bytes.subarray(start, end)))
      expect(part.headers, range).toMatchObject({
        'x-modelferry': 'hit',
        'content-range': `bytes ${start}-${end - 1}/${size}`,
        'content-length': String(end - start),
      })
    }

  const none = await stage.fetch(vad, { init: { headers: { range: `bytes=${size}-` } } })
  expect(none).toMatchObject({ status: 416, size: 0 })
  const etag = `"${vad.sha256}"`
  const same = await stage.fetch(vad, { init: { headers: { 'if-none-match': etag } } })
  expect(same).toMatchObject({ status: 304, size: 0 })
  const head = await stage.fetch(vad, { init: { method: 'HEAD' } })
  expect(head.headers).toMatchObject({ 'content-length': String(size), etag })
  expect(stage.traffic.all).toEqual([])
})

test('a range of a file on its way, when it is proven', async ({ stage }) => {
  const { wide } = stage.files
  const bytes = await fileBytes.wide()
  await stage.board()
  const whole = stage.fetch(wide)
  const range = 'bytes=20000000-20000999'
  const part = await stage.fetch(wide, { init: { headers: { range } } })
  expect(part).toMatchObject({
    status: 206,
    sha256: sha256(bytes.subarray(20_000_000, 20_001_000)),
  })
  expect(await whole).toMatchObject({ status: 200, sha256: wide.sha256 })
  expect(stage.traffic.repeated()).toEqual([])
})

test('a probe has its headers without waiting for a load, and its true byte', async ({ stage }) => {
  const { rec } = stage.files
  const bytes = await fileBytes.rec()
  await stage.board()
  const probe = { init: { headers: { range: 'bytes=0-0' } } }
  const begun = Date.now()
  const first = await stage.fetch(rec, probe)
  // In Chromium a body may wait five seconds for a load; here the headers would wait as well.
  expect(Date.now() - begun).toBeLessThan(4000)
  expect(first).toMatchObject({ status: 206, sha256: sha256(bytes.subarray(0, 1)) })
  expect(first.headers).toMatchObject({
    'x-modelferry': 'unproven',
    'content-range': `bytes 0-0/${rec.size}`,
  })
  expect(stage.traffic.bytes('xorb')).toBeLessThan(200_000)

  await stage.hub.close()
  const offline = await stage.fetch(rec, probe)
  expect(offline.headers['content-range']).toBe(`bytes 0-0/${rec.size}`)
  expect(offline, 'never an invented byte').toMatchObject({ status: 206, size: 0 })
  expect(offline.failure).toBeDefined()
})
