import { expect } from '@playwright/test'
import { expectHeldRange } from './stage/expectHeldRange.ts'
import { fileBytes } from './stage/fileBytes.ts'
import { sha256 } from './stage/sha256.ts'
import { test } from './stage/test.ts'
import { xorbsOf } from './stage/xorbsOf.ts'

test('ranges of every shape on a finished file', async ({ stage }) => {
  const { vad } = stage.files
  const { size } = vad
  await stage.connect()
  expect((await stage.fetch(vad)).sha256).toBe(vad.sha256)
  stage.traffic.clear()

  const shapes: readonly (readonly [string, number, number])[] = [
    ['bytes=0-0', 0, 1],
    ['bytes=0-1023', 0, 1024],
    ['bytes=1000000-1234567', 1_000_000, 1_234_568],
    [`bytes=${size - 1}-${size - 1}`, size - 1, size],
    ['bytes=-1', size - 1, size],
    ['bytes=-70000', size - 70_000, size],
    [`bytes=-${size + 5}`, 0, size],
    ['bytes=2000000-', 2_000_000, size],
    ['bytes=0-', 0, size],
    [`bytes=2000000-${size + 1000}`, 2_000_000, size],
  ]
  for (const [range, start, end] of shapes) await expectHeldRange(stage, { range, start, end })

  for (const range of [`bytes=${size}-`, `bytes=${size + 7}-${size + 9}`, 'bytes=-0']) {
    const none = await stage.fetch(vad, { init: { headers: { range } } })
    expect(none, range).toMatchObject({ status: 416, size: 0 })
    expect(none.headers['content-range'], range).toBe(`bytes */${size}`)
  }
  for (const range of ['bytes=0-9,20-29', 'bytes=9-5', 'lines=1-2', 'bytes=-']) {
    const whole = await stage.fetch(vad, { init: { headers: { range } } })
    expect(whole, range).toMatchObject({ status: 200, sha256: vad.sha256 })
  }
  expect(stage.traffic.all).toEqual([])
})

test('conditions and HEAD', async ({ stage }) => {
  const { vad } = stage.files
  const bytes = await fileBytes.vad()
  const etag = `"${vad.sha256}"`
  const range = 'bytes=10-19'
  await stage.connect()
  await stage.fetch(vad)
  stage.traffic.clear()

  const fits = await stage.fetch(vad, { init: { headers: { range, 'if-range': etag } } })
  expect(fits).toMatchObject({ status: 206, sha256: sha256(bytes.subarray(10, 20)) })
  const old = await stage.fetch(vad, { init: { headers: { range, 'if-range': '"another"' } } })
  expect(old).toMatchObject({ status: 200, sha256: vad.sha256 })
  for (const tags of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const same = await stage.fetch(vad, { init: { headers: { 'if-none-match': tags } } })
    expect(same, tags).toMatchObject({ status: 304, size: 0 })
    expect(same.headers['etag'], tags).toBe(etag)
  }
  const newer = await stage.fetch(vad, { init: { headers: { 'if-none-match': '"another"' } } })
  expect(newer).toMatchObject({ status: 200, sha256: vad.sha256 })

  const head = await stage.fetch(vad, { init: { method: 'HEAD' } })
  expect(head).toMatchObject({ status: 200, size: 0 })
  expect(head.headers).toMatchObject({ 'content-length': String(vad.size), etag })
  // A range is defined for GET only.
  const headers = { range }
  const wide = await stage.fetch(vad, { init: { method: 'HEAD', headers } })
  expect(wide).toMatchObject({ status: 200, size: 0 })
  expect(wide.headers['content-length']).toBe(String(vad.size))
  expect(stage.traffic.all).toEqual([])
})

test('only proven bytes of an unfinished file are delivered', async ({ stage }) => {
  const { wide } = stage.files
  const bytes = await fileBytes.wide()
  await stage.connect()
  // One xorb: none of its bytes is proven before its last chunk has arrived.
  stage.hub.hub.faults.add({ kind: 'xorb', nth: 2, action: { do: 'stall', after: 0, ms: 4000 } })
  await stage.prefetch(wide)
  await stage.until(wide, wide.size / 2)
  const begun = Date.now()
  const missing = stage.traffic.of('xorb')[1]?.at ?? 0
  const shapes = [
    ['bytes=1-4000', bytes.subarray(1, 4001)],
    ['bytes=20000000-20000999', bytes.subarray(20_000_000, 20_001_000)],
    ['bytes=-5000', bytes.subarray(-5000)],
  ] as const
  await Promise.all(
    shapes.map(async ([range, part]) => {
      const got = await stage.fetch(wide, { init: { headers: { range } } })
      expect(Date.now(), `${range} was given only when all was here`).toBeGreaterThan(
        missing + 4000,
      )
      expect(got, range).toMatchObject({ status: 206, sha256: sha256(part) })
      expect(got.headers['x-modelferry'], range).toBe('stream')
    }),
  )
  expect(begun, 'asked for while a piece was missing').toBeLessThan(missing + 4000)
  expect(stage.traffic.repeated()).toEqual([])
})

test('proven bytes are delivered while the download continues', async ({ stage }) => {
  const { large } = stage.files
  const bytes = await fileBytes.large()
  const xorb = (await xorbsOf(stage.url(large))).at(-1)!
  const stall = { do: 'stall', after: 1000, ms: 60_000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', xorb, times: null, action: stall })
  await stage.connect()
  await stage.prefetch(large)
  for (const [start, end] of [
    [0, 100_000],
    [5_000_000, 5_070_000],
    [40_000_000, 40_000_001],
  ] as const) {
    const range = `bytes=${start}-${end - 1}`
    const part = await stage.fetch(large, { init: { headers: { range } } })
    expect(part, range).toMatchObject({ status: 206, size: end - start })
    expect(part.sha256, range).toBe(sha256(bytes.subarray(start, end)))
    expect(part.headers['x-modelferry']).toBe('stream')
  }
  expect(await stage.held()).toMatchObject([{ complete: false }])
})

test('a probe gets its headers at once and costs a request only when it is read', async ({
  stage,
}) => {
  const { rec } = stage.files
  const bytes = await fileBytes.rec()
  await stage.connect()
  const probe = { headers: { range: 'bytes=0-0' } }
  const url = stage.url(rec)

  const head = await stage.page.evaluate(
    async ([address, init]) => {
      const { status, headers, body } = await fetch(address, init)
      await body?.cancel()
      return { status, headers: Object.fromEntries(headers) }
    },
    [url, probe] as const,
  )
  expect(head).toMatchObject({
    status: 206,
    headers: { 'content-range': `bytes 0-0/${rec.size}`, 'x-modelferry': 'unproven' },
  })
  // Longer than a probe waits for a load that delivers its byte.
  await stage.page.waitForTimeout(6000)
  expect(stage.traffic.of('resolve')).toHaveLength(1)
  expect([...stage.traffic.of('reconstruction'), ...stage.traffic.of('xorb')]).toEqual([])

  const read = await stage.fetch(rec, { init: probe })
  expect(read).toMatchObject({ status: 206, sha256: sha256(bytes.subarray(0, 1)) })
  expect(read.headers).toMatchObject({ 'x-modelferry': 'unproven', 'content-length': '1' })
  expect(stage.traffic.of('resolve')).toHaveLength(1)
  expect(stage.traffic.of('xorb')).toHaveLength(1)
  expect(stage.traffic.bytes('xorb')).toBeLessThan(200_000)

  await stage.hub.close()
  await stage.context.setOffline(true)
  const offline = await stage.fetch(rec, { init: probe })
  expect(offline.headers['content-range']).toBe(`bytes 0-0/${rec.size}`)
  expect(offline, 'never an invented byte').toMatchObject({ status: 206, size: 0 })
  expect(offline.failure).toBeDefined()
})

test('a reconstruction with two xorbs in the wrong order gets into no range', async ({ stage }) => {
  const { large } = stage.files
  const bytes = await fileBytes.large()
  let plans = 0
  await stage.context.route(/\/reconstructions\//, async (route) => {
    const response = await route.fetch()
    const plan = (await response.json()) as { terms: unknown[] }
    plans += 1
    if (plans === 1) plan.terms = [plan.terms[1], plan.terms[0], ...plan.terms.slice(2)]
    await route.fulfill({ response, json: plan })
  })
  await stage.connect()
  const range = 'bytes=1000000-1000499'
  const part = await stage.fetch(large, { init: { headers: { range } } })
  expect(part).toMatchObject({ status: 206, sha256: sha256(bytes.subarray(1_000_000, 1_000_500)) })
  expect(plans).toBeGreaterThan(1)
  expect(await stage.events('fault')).toEqual([])
})
