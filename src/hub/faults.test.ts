import { expect, test, vi } from 'vitest'
import { type FaultAction, findRecords } from './faults.ts'
import { putModel } from './testing/putModel.ts'
import { reconstruct } from './testing/reconstruct.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

interface Fetching {
  readonly hub: TestHub
  readonly good: Uint8Array<ArrayBuffer>
  readonly get: (action?: FaultAction, init?: RequestInit) => Promise<Response>
}

/** A xorb, and a way to fetch it with one fault. */
async function fetching(options?: Parameters<typeof startTestHub>[0]): Promise<Fetching> {
  const hub = await startTestHub(options)
  await putModel(hub)
  const { url, range } = await reconstruct(hub)
  const get: Fetching['get'] = (action, init) => {
    if (action !== undefined) hub.hub.faults.add({ kind: 'xorb', action })
    return fetch(url, { headers: { range }, ...init })
  }
  return { hub, good: new Uint8Array(await (await get()).arrayBuffer()), get }
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}

function differences(a: Uint8Array, b: Uint8Array): number[] {
  return [...a.keys()].filter((index) => a[index] !== b[index])
}

test('a status replaces a response, once', async () => {
  const { good, get } = await fetching()
  const refused = await get({ do: 'status', status: 429, headers: { 'retry-after': '1' } })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  const forbidden = await get({ do: 'status', status: 403 })
  expect(await forbidden.text()).toContain('<Code>AccessDenied</Code>')
  expect(Buffer.compare(await bytesOf(await get()), good)).toBe(0)
})

test('a cut destroys the connection in mid-body', async () => {
  const { hub, good, get } = await fetching()
  const response = await get({ do: 'cut', after: 100_000 })
  expect(response.headers.get('content-length')).toBe(String(good.byteLength))
  const parts: Uint8Array[] = []
  const read = async (): Promise<void> => {
    for await (const part of response.body!) parts.push(part)
  }
  await expect(read()).rejects.toThrow()
  const got = Buffer.concat(parts)
  expect(got.byteLength).toBeLessThanOrEqual(100_000)
  expect(Buffer.compare(got, good.slice(0, got.byteLength))).toBe(0)
  const entry = hub.hub.log.entries.at(-1)!
  expect([entry.bytes, entry.done]).toEqual([100_000, true])
})

test('a short body ends cleanly, too early', async () => {
  const { good, get } = await fetching()
  const response = await get({ do: 'short', after: 5000 })
  expect(response.status).toBe(206)
  expect(Buffer.compare(await bytesOf(response), good.slice(0, 5000))).toBe(0)
})

test('a bit can be flipped anywhere, or in a chunk of a given compression', async () => {
  const { good, get } = await fetching()
  expect(differences(await bytesOf(await get({ do: 'flip', at: 777 })), good)).toEqual([777])
  const records = findRecords(good)
  const schemes = new Set(records.map(({ header }) => header.scheme))
  expect(schemes.size).toBeGreaterThan(1)
  for (const scheme of schemes) {
    const [at, ...others] = differences(await bytesOf(await get({ do: 'flip', scheme })), good)
    const record = records.find(({ start, end }) => start + 8 <= at! && at! < end)
    expect([record!.header.scheme, others]).toEqual([scheme, []])
  }
})

test('two chunks change places', async () => {
  const { good, get } = await fetching()
  const [first, , third] = findRecords(good)
  const swapped = await bytesOf(await get({ do: 'swap', first: 2, second: 0 }))
  expect(swapped.byteLength).toBe(good.byteLength)
  expect(
    Buffer.compare(
      swapped.slice(0, third!.end - third!.start),
      good.slice(third!.start, third!.end),
    ),
  ).toBe(0)
  expect(findRecords(swapped)[2]!.header).toEqual(first!.header)
})

test('a stall delays the body, and a delay the whole response', async () => {
  const { good, get } = await fetching()
  const begun = performance.now()
  const delayed = await get({ do: 'delay', ms: 120 })
  expect(performance.now() - begun).toBeGreaterThan(100)
  await delayed.arrayBuffer()
  const asked = performance.now()
  const stalled = await get({ do: 'stall', after: 10, ms: 120 })
  const reader = stalled.body!.getReader()
  const first = (await reader.read()).value!
  expect(first.byteLength).toBe(10)
  await reader.read()
  expect(performance.now() - asked).toBeGreaterThan(100)
  await reader.cancel()
  expect(good.byteLength).toBeGreaterThan(10)
})

test('closing ends stalled responses', async () => {
  const { hub, get } = await fetching()
  const response = await get({ do: 'stall', after: 10, ms: 60_000 })
  const body = response.arrayBuffer()
  const begun = performance.now()
  await Promise.all([hub.close(), expect(body).rejects.toThrow()])
  expect(performance.now() - begun).toBeLessThan(2000)
})

test('an answer without CORS headers', async () => {
  const { get } = await fetching()
  const headers = (await get({ do: 'drop-cors' })).headers
  expect(headers.has('access-control-allow-origin')).toBe(false)
  expect((await get()).headers.has('access-control-allow-origin')).toBe(true)
})

test('rules apply to matching requests, from the nth on, and as often as configured', async () => {
  const { hub, get } = await fetching()
  const action: FaultAction = { do: 'status', status: 500 }
  const { faults } = hub.hub
  const statuses = async (count: number): Promise<number[]> => {
    const list: number[] = []
    for (let index = 0; index < count; index++) list.push((await get()).status)
    return list
  }
  faults.add({ kind: 'xorb', nth: 2, times: 2, action })
  expect(await statuses(5)).toEqual([206, 500, 500, 206, 206])
  expect(faults.rules).toEqual([])
  faults.add({ kind: 'xorb', xorb: '0'.repeat(64), action })
  faults.add({ kind: 'resolve', path: 'other.onnx', action })
  expect(await statuses(1)).toEqual([206])
  expect((await hub.get('/me/vad/resolve/main/model.onnx')).status).toBe(302)
  expect((await hub.get('/me/vad/resolve/main/other.onnx')).status).toBe(500)
  faults.clear()
  const stop = faults.add({ kind: 'xorb', times: Number.POSITIVE_INFINITY, action })
  expect(await statuses(3)).toEqual([500, 500, 500])
  stop()
  expect(await statuses(1)).toEqual([206])
  expect(() => faults.add({ kind: 'xorb', action: { do: 'explode' } as never })).toThrow(
    'action.do',
  )
})

test('the controls answer over HTTP only when the option is set', async () => {
  const { hub, get } = await fetching({ controls: true })
  const send = (method: string, path: string, body?: object): Promise<Response> =>
    hub.get(`/-/${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
  await send('POST', 'faults', { kind: 'xorb', action: { do: 'status', status: 500 } })
  expect((await get()).status).toBe(500)
  expect((await send('POST', 'faults', { kind: 'xorb' })).status).toBe(400)
  expect((await send('PATCH', 'settings', { urlLifetimeMs: 5 })).status).toBe(400)
  expect((await send('PATCH', 'settings', { urlLifetimeMs: 5000 })).status).toBe(200)
  expect(hub.hub.settings.urlLifetimeMs).toBe(5000)
  await send('PUT', 'gated/me/vad')
  expect((await hub.get('/me/vad/resolve/main/model.onnx')).status).toBe(401)
  await send('DELETE', 'gated/me/vad')
  await send('POST', 'expire-urls')
  expect((await get()).status).toBe(403)
  const log = (await (await send('GET', 'log')).json()) as { kind: string }[]
  expect(log.filter(({ kind }) => kind === 'xorb')).toHaveLength(3)
  expect(JSON.stringify(log)).not.toMatch(/Signature|hf_tester|xet_/)
  await send('DELETE', 'log')
  expect(hub.hub.log.entries).toHaveLength(1)
  const closed = await startTestHub()
  expect((await closed.get('/-/log')).status).toBe(404)
})

test('the log records requests and their bytes', async () => {
  const { hub, good, get } = await fetching()
  // A client may have the last byte before the log has the entry.
  await vi.waitFor(() => expect(hub.hub.log.entries.every(({ done }) => done)).toBe(true))
  const finished: string[] = []
  const stop = hub.hub.log.listen(({ kind, bytes, authorization, origin }) => {
    finished.push(`${origin} ${kind} ${bytes} ${authorization}`)
  })
  await (await get()).arrayBuffer()
  await vi.waitFor(() => expect(finished).toEqual([`storage xorb ${good.byteLength} false`]))
  stop()
  await (await get()).arrayBuffer()
  expect(finished).toHaveLength(1)
})
