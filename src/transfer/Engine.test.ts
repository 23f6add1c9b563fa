import { expect, onTestFinished, test, vi } from 'vitest'
import { createHasher } from '../codec/createHasher.ts'
import { putModel } from '../hub/testing/putModel.ts'
import { startTestHub } from '../hub/testing/startTestHub.ts'
import type { TestHub } from '../hub/testing/TestHub.ts'
import { defaultRetry } from '../net/defaultRetry.ts'
import { netOf } from '../net/testing/netOf.ts'
import { Channel } from '../protocol/Channel.ts'
import type { FerryEvent } from '../protocol/FerryEvent.ts'
import { memoryRecordStore } from '../reconstruction/memoryRecordStore.ts'
import { Reconstructions } from '../reconstruction/Reconstructions.ts'
import { Engine } from './Engine.ts'
import { respond } from './respond.ts'
import { MemoryStore } from './testing/MemoryStore.ts'

const hasher = await createHasher()

interface Origin {
  readonly hub: TestHub
  readonly url: string
  readonly bytes: Uint8Array
  readonly store: MemoryStore
  readonly events: FerryEvent[]
  /** An engine in a realm of its own, on the device that all of them share. */
  readonly engine: (token?: string) => Engine
}

async function origin(): Promise<Origin> {
  const hub = await startTestHub({ descriptorBytes: 200_000 })
  const bytes = await putModel(hub)
  const store = new MemoryStore(hasher)
  const name = `engine-${Math.random()}`
  const ear = new Channel(name)
  const events: FerryEvent[] = []
  ear.listen((envelope) => envelope.kind === 'event' && events.push(envelope.event))
  onTestFinished(() => ear.close())
  const net = netOf({
    fetch: (url, init) => fetch(url, init),
    retry: { ...defaultRetry, attempts: 2 },
  })
  hub.hub.log.clear()
  return {
    hub,
    url: `${hub.url}/me/vad/resolve/main/model.onnx`,
    bytes,
    store,
    events,
    engine: (token) => {
      const channel = new Channel(name)
      const engine = new Engine({
        net,
        bareFetch: net.fetch,
        hasher,
        channel,
        store: store.asStore,
        reconstructions: new Reconstructions({ net, store: memoryRecordStore() }),
        connections: 3,
        online: async () => undefined,
        authorize: async () => (token === undefined ? undefined : `Bearer ${token}`),
      })
      onTestFinished(() => {
        engine.close()
        channel.close()
      })
      return engine
    },
  }
}

function ask(engine: Engine, url: string, headers: HeadersInit = {}): Promise<Response> {
  return respond(engine, { url, method: 'GET', headers: new Headers(headers) })
}

function storageBytes({ hub }: Origin): number {
  return hub.hub.log.entries
    .filter(({ kind }) => kind === 'xorb')
    .reduce((sum, entry) => sum + entry.bytes, 0)
}

/** Requests to hub and storage, by kind. */
function kinds({ hub }: Origin): string[] {
  return hub.hub.log.entries.map(({ kind }) => kind)
}

test('the first answer streams, the second comes from the device without a question', async () => {
  const place = await origin()
  const engine = place.engine()
  const first = await ask(engine, place.url)
  expect(first.headers.get('x-modelferry')).toBe('stream')
  expect(Buffer.compare(await first.bytes(), place.bytes)).toBe(0)
  await vi.waitFor(async () => expect([...place.store.files.values()][0]?.proof).toBe('xet'))
  place.hub.hub.log.clear()
  const second = await ask(engine, place.url, { range: 'bytes=5-9' })
  expect(second.headers.get('x-modelferry')).toBe('hit')
  expect(await second.bytes()).toEqual(new Uint8Array(place.bytes.subarray(5, 10)))
  expect(kinds(place)).toEqual([])
})

test('two realms and one file make one transfer', async () => {
  const place = await origin()
  const answers = await Promise.all(
    [place.engine(), place.engine(), place.engine()].map((engine) => ask(engine, place.url)),
  )
  const bodies = await Promise.all(answers.map((answer) => answer.bytes()))
  for (const body of bodies) expect(Buffer.compare(body, place.bytes)).toBe(0)
  expect(storageBytes(place)).toBeLessThan(place.bytes.length * 1.1)
})

test('one realm goes on where another was closed', async () => {
  const place = await origin()
  place.hub.hub.faults.add({ kind: 'xorb', nth: 3, times: 2, action: { do: 'delay', ms: 300 } })
  const [first, second] = [place.engine(), place.engine()]
  const answer = ask(first, place.url)
  const other = ask(second, place.url)
  await vi.waitFor(() => expect(storageBytes(place)).toBeGreaterThan(0))
  const failed = expect((await answer).bytes()).rejects.toMatchObject({ code: 'closed' })
  first.close()
  await failed
  expect(Buffer.compare(await (await other).bytes(), place.bytes)).toBe(0)
  expect(storageBytes(place)).toBeLessThan(place.bytes.length * 1.5)
})

test('when nobody reads any more the transfer ends, and what came stays', async () => {
  const place = await origin()
  place.hub.hub.faults.add({ kind: 'xorb', nth: 4, times: 3, action: { do: 'delay', ms: 500 } })
  const engine = place.engine()
  const answer = await ask(engine, place.url)
  await vi.waitFor(() => expect([...place.store.files.values()][0]?.held.size).toBeGreaterThan(0))
  await answer.body?.cancel()
  const held = [...place.store.files.values()][0]?.held.size ?? 0
  expect(held).toBeLessThan(place.bytes.length)
  const again = await ask(engine, place.url)
  expect(Buffer.compare(await again.bytes(), place.bytes)).toBe(0)
  expect(storageBytes(place)).toBeLessThan(place.bytes.length * 1.5)
})

test('its first byte costs one chunk', async () => {
  const place = await origin()
  const answer = await ask(place.engine(), place.url, { range: 'bytes=0-0' })
  expect(answer.headers.get('x-modelferry')).toBe('unproven')
  expect(await answer.bytes()).toEqual(new Uint8Array(place.bytes.subarray(0, 1)))
  expect(storageBytes(place)).toBeLessThan(140_000)
  expect(place.store.files.size).toBe(0)
})

test('without room nothing is fetched', async () => {
  const place = await origin()
  place.store.room = 1000
  await expect(ask(place.engine(), place.url)).rejects.toMatchObject({ code: 'quota' })
  expect(kinds(place)).not.toContain('xorb')
})

test('what the hub refuses is passed on, and told where a token would help', async () => {
  const place = await origin()
  place.hub.hub.gated.add('me/vad')
  const engine = place.engine()
  expect((await ask(engine, place.url)).status).toBe(401)
  await vi.waitFor(() =>
    expect(place.events).toMatchObject([{ name: 'fault', detail: { code: 'unauthorized' } }]),
  )
  const missing = place.url.replace('model.onnx', 'absent.json')
  const allowed = place.engine('hf_tester')
  expect((await ask(allowed, missing)).status).toBe(404)
  expect(Buffer.compare(await (await ask(allowed, place.url)).bytes(), place.bytes)).toBe(0)
  // Known on this device, but not to one without a token.
  expect((await ask(engine, place.url)).status).toBe(401)
})

test('what is known is answered when the hub is gone', async () => {
  const place = await origin()
  const engine = place.engine()
  await (await ask(engine, place.url)).bytes()
  await vi.waitFor(async () => expect([...place.store.files.values()][0]?.proof).toBe('xet'))
  await place.hub.close()
  for (const known of place.store.urls.values()) Object.assign(known, { checkedAt: 0 })
  const answer = await ask(engine, place.url)
  expect(answer.headers.get('x-modelferry')).toBe('hit')
  expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
})

test('what is known is answered when something else answers for the hub', async () => {
  const place = await origin()
  const engine = place.engine()
  await (await ask(engine, place.url)).bytes()
  for (const known of place.store.urls.values()) Object.assign(known, { checkedAt: 0 })
  place.hub.hub.faults.add({
    kind: 'resolve',
    times: Infinity,
    action: { do: 'status', status: 503 },
  })
  expect((await ask(engine, place.url)).status).toBe(200)
  expect((await ask(engine, `${place.url}.other`)).status).toBe(503)
})

test('a load that fails tells everybody, and the next one begins anew', async () => {
  const place = await origin()
  const engine = place.engine()
  const stop = place.hub.hub.faults.add({
    kind: 'reconstruction',
    times: Infinity,
    action: { do: 'status', status: 403 },
  })
  const answers = await Promise.all([ask(engine, place.url), ask(engine, place.url)])
  for (const answer of answers)
    await expect(answer.bytes()).rejects.toMatchObject({ code: 'forbidden' })
  await vi.waitFor(() => expect(place.events.some(({ name }) => name === 'fault')).toBe(true))
  stop()
  expect(Buffer.compare(await (await ask(engine, place.url)).bytes(), place.bytes)).toBe(0)
})

test('a wait before another try is told', async () => {
  const place = await origin()
  place.hub.hub.faults.add({ kind: 'xorb', action: { do: 'status', status: 503 } })
  const answer = await ask(place.engine(), place.url)
  expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
  await vi.waitFor(() =>
    expect(place.events.find(({ name }) => name === 'waiting')).toMatchObject({
      detail: { url: place.url, delayMs: 0, reason: { code: 'http', status: 503 } },
    }),
  )
})

test('what the hub has taken back is forgotten', async () => {
  const place = await origin()
  const engine = place.engine()
  await (await ask(engine, place.url)).bytes()
  for (const known of place.store.urls.values()) Object.assign(known, { checkedAt: 0 })
  place.hub.hub.gated.add('me/vad')
  expect((await ask(engine, place.url)).status).toBe(401)
  await place.hub.close()
  await expect(ask(engine, place.url)).rejects.toMatchObject({ code: 'network' })
})
