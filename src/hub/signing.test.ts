import { expect, test } from 'vitest'
import { manualClock } from './testing/manualClock.ts'
import { putModel } from './testing/putModel.ts'
import { reconstruct } from './testing/reconstruct.ts'
import { startTestHub } from './testing/startTestHub.ts'

async function expectRefused(response: Response): Promise<string> {
  expect(response.status).toBe(403)
  expect(response.headers.get('content-type')).toBe('application/xml')
  const text = await response.text()
  expect(text).toContain('<Code>AccessDenied</Code>')
  return text
}

test('a URL is valid for its lifetime, and refused with XML afterwards', async () => {
  const clock = manualClock()
  const hub = await startTestHub({ clock, urlLifetimeMs: 1000 })
  await putModel(hub)
  const { url, range } = await reconstruct(hub)
  await expectRefused(await fetch(url, { headers: { range: 'bytes=0-' } }))
  clock.pass(999)
  const good = await fetch(url, { headers: { range } })
  expect(good.status).toBe(206)
  expect(good.headers.get('date')).toBe(new Date(clock.now()).toUTCString())
  await good.arrayBuffer()
  clock.pass(1)
  expect(await expectRefused(await fetch(url, { headers: { range } }))).toContain('expired')
  const renewed = await reconstruct(hub)
  expect((await fetch(renewed.url, { headers: { range } })).status).toBe(206)
})

test('URLs can be invalidated before their deadline, also across a restart', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const { url, range } = await reconstruct(hub)
  expect(Number(new URL(url).searchParams.get('Expires'))).toBeGreaterThan(Date.now() / 1000)
  await hub.hub.expireUrls()
  await expectRefused(await fetch(url, { headers: { range } }))
  await hub.close()
  const storagePort = Number(new URL(hub.storageUrl).port)
  const again = await startTestHub({ folder: hub.folder, storagePort })
  await expectRefused(await fetch(url, { headers: { range } }))
  const fresh = await reconstruct(again)
  expect((await fetch(fresh.url, { headers: { range } })).status).toBe(206)
})

test('only exactly the signed ranges are served', async () => {
  const hub = await startTestHub({ descriptorBytes: 300_000, multirange: true })
  await putModel(hub)
  const { url, range } = await reconstruct(hub)
  const [first, second] = range.replace('bytes=', '').split(',') as [string, string]
  const get = (asked: string): Promise<Response> =>
    fetch(url, { headers: { range: `bytes=${asked}` } })
  for (const asked of [first, second]) expect((await get(asked)).status).toBe(206)
  const both = await get(`${first},${second}`)
  expect(both.status).toBe(206)
  expect(both.headers.get('content-type')).toMatch(/^multipart\/byteranges; boundary=/)
  expect((await both.arrayBuffer()).byteLength).toBe(Number(both.headers.get('content-length')))
  const [start, last] = first.split('-').map(Number) as [number, number]
  for (const asked of [
    `${start}-${last - 1}`,
    `${start + 1}-${last}`,
    `${start}-`,
    `0-${2 ** 40}`,
    `${first},5-6`,
  ]) {
    await expectRefused(await get(asked))
  }
  await expectRefused(await fetch(url))
  // By RFC 9110 this is answered with the whole xorb.
  const changed = { range: `bytes=${first}`, 'if-range': '"other"' }
  await expectRefused(await fetch(url, { headers: changed }))
  hub.hub.configure({ exactRanges: false })
  expect((await get(`${start + 1}-${last - 1}`)).status).toBe(206)
  await expectRefused(await get(`${start}-${2 ** 40}`))
})

test.each(['Signature', 'Expires', 'X-Xet-Signed-Range', 'Key-Pair-Id'])(
  'a URL whose %s was changed is refused',
  async (name) => {
    const hub = await startTestHub()
    await putModel(hub)
    const { url, range } = await reconstruct(hub)
    const changed = new URL(url)
    const value = changed.searchParams.get(name)!
    changed.searchParams.set(
      name,
      value.replace(/.$/, (last) => (last === '1' ? '2' : '1')),
    )
    await expectRefused(await fetch(changed, { headers: { range } }))
    changed.searchParams.delete(name)
    await expectRefused(await fetch(changed, { headers: { range } }))
  },
)

test('a URL does not serve another xorb, and neither origin serves the paths of the other', async () => {
  const hub = await startTestHub()
  await putModel(hub)
  const { url, range } = await reconstruct(hub)
  const { pathname, search } = new URL(url)
  const other = pathname.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  await expectRefused(await fetch(hub.storageUrl + other + search, { headers: { range } }))
  expect((await hub.get(pathname + search, { headers: { range } })).status).toBe(404)
  expect((await fetch(`${hub.storageUrl}/me/vad/resolve/main/model.onnx`)).status).toBe(404)
})

test('a reconstruction of a range is widened to chunks, clamped, and refused past the end', async () => {
  const hub = await startTestHub()
  const bytes = await putModel(hub)
  const whole = await reconstruct(hub)
  const part = await reconstruct(hub, `bytes=600000-${bytes.byteLength * 2}`)
  expect(whole.answer.offset_into_first_range).toBe(0)
  const [term] = part.answer.terms
  expect(term!.range.start).toBeGreaterThan(0)
  expect(part.answer.offset_into_first_range).toBeLessThan(131_072)
  const length = part.answer.terms.reduce((sum, { unpacked_length }) => sum + unpacked_length, 0)
  expect(length - part.answer.offset_into_first_range).toBe(bytes.byteLength - 600_000)
  await expect(reconstruct(hub, `bytes=${bytes.byteLength}-`)).rejects.toThrow()
  const refused = hub.hub.log.entries.at(-1)!
  expect([refused.kind, refused.status]).toEqual(['reconstruction', 416])
})

test('a CAS token expires, and gives access only to content of its repository', async () => {
  const clock = manualClock()
  const hub = await startTestHub({ clock, tokenLifetimeMs: 5000 })
  await putModel(hub)
  const token = async (repo: string): Promise<string> => {
    const response = await hub.get(`/api/models/${repo}/xet-read-token/main`)
    const { accessToken, casUrl, exp } = (await response.json()) as Record<string, string>
    expect(casUrl).toBe(hub.url)
    expect(Number(exp) * 1000).toBe(clock.now() + 5000)
    return `Bearer ${accessToken}`
  }
  const info = (await (await hub.get('/api/models/me/vad/tree/main')).json()) as {
    xetHash: string
  }[]
  const path = `/v2/reconstructions/${info[0]!.xetHash}`
  const authorization = await token('me/vad')
  const ask = async (header: string): Promise<number> =>
    (await hub.get(path, { headers: { authorization: header } })).status
  expect(await ask(authorization)).toBe(200)
  expect(await ask(`${authorization}x`)).toBe(401)
  expect(await ask('Bearer hf_tester')).toBe(401)
  expect((await hub.get(path)).status).toBe(401)
  expect((await hub.get('/v1/shards', { method: 'POST', headers: { authorization } })).status).toBe(
    403,
  )
  const line = JSON.stringify({ key: 'file', value: { path: 'a.txt', content: 'hi' } })
  await hub.get('/api/models/me/other/commit/main', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_tester' },
    body: line,
  })
  // The same as for a missing file: a token reveals nothing about other repositories.
  expect(await ask(await token('me/other'))).toBe(404)
  clock.pass(5000)
  expect(await ask(authorization)).toBe(401)
})

test.each([404, 501] as const)('an API that is switched off answers %i', async (absentStatus) => {
  const hub = await startTestHub({ reconstruction: 'v1', absentStatus })
  await putModel(hub)
  await expect(reconstruct(hub)).rejects.toThrow()
  expect(hub.hub.log.entries.at(-1)!.status).toBe(absentStatus)
})
