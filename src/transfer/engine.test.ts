import { uploadFile } from '@huggingface/hub'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi, afterEach, beforeEach, describe, onTestFinished } from 'vitest'
import { grantOf } from '../address/index.ts'
import { type Clock, sleep } from '../core/async.ts'
import type { FaultAction } from '../hub/faults.ts'
import { loadFile } from '../worker/loader-calls.ts'
import { ageStore } from './testing/ageStore.ts'
import { answered, ask } from './testing/ask.ts'
import { kinds, startOrigin as origin, type Origin } from '../hub/testing/startOrigin.ts'
import { answerPage } from './answer-page.ts'
import { throttle, type Engine } from './engine.ts'
import { Bypass } from './page-request.ts'
import type { AskedRequest } from './respond.ts'
import type { FileInfo } from '../data/index.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'

/** Short waits take no time; timeouts of connections do. */
const hasty: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms < 1000 ? 0 : ms, signal),
}

describe('a file in the engine', () => {
  function storageBytes({ hub }: Origin): number {
    return hub.hub.log.entries
      .filter(({ kind }) => kind === 'xorb')
      .reduce((sum, entry) => sum + entry.bytes, 0)
  }

  test('the first response streams, the second comes from the device without a request', async () => {
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

  test('the reconstruction is asked while the file is opened on the device, and only once', async () => {
    const place = await origin()
    const { store } = place
    const begin = store.begin.bind(store)
    store.begin = async (...file) => {
      await vi.waitFor(() => expect(kinds(place)).toContain('reconstruction'), 5000)
      return await begin(...file)
    }
    const answer = await ask(place.engine(), place.url)
    expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
    expect(kinds(place).filter((kind) => kind === 'reconstruction')).toHaveLength(1)
  })

  describe('the reconstruction of a file that will be read whole', () => {
    const ahead = { whole: true } as const
    const cas = (place: Origin): string[] =>
      kinds(place).filter((kind) => ['token', 'reconstruction'].includes(kind))

    test('is asked as soon as the hub has described the file, and the load asks nothing again', async () => {
      const place = await origin()
      const engine = place.engine()
      await engine.info(place.url, ahead)
      await vi.waitFor(() => expect(cas(place)).toEqual(['token', 'reconstruction']), 1500)
      const answer = await ask(engine, place.url)
      expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
      expect(cas(place)).toEqual(['token', 'reconstruction'])
    })

    test('is in flight when the load begins, and the load takes the call over', async () => {
      const place = await origin()
      place.hub.hub.faults.add({ kind: 'reconstruction', action: { do: 'delay', ms: 200 } })
      const answer = await ask(place.engine(), place.url)
      expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
      expect(cas(place)).toEqual(['token', 'reconstruction'])
    })

    test.each<[string, AskedRequest['method'], Record<string, string>]>([
      ['HEAD', 'HEAD', {}],
      ['a range', 'GET', { range: 'bytes=0-0' }],
      ['a condition', 'GET', { 'if-none-match': '*' }],
      ['file info', 'GET', { accept: 'application/vnd.xet-fileinfo+json' }],
    ])('is not asked for %s', async (_, method, headers) => {
      const place = await origin()
      const engine = place.engine()
      const info = vi.spyOn(engine, 'info')
      const request = { url: place.url, method, headers: new Headers(headers) }
      await (await answered(engine, request)).body?.cancel()
      expect(info.mock.calls[0]?.[1].whole).toBe(false)
      expect(cas(place)).toEqual([])
    })

    test('is not asked when the bytes are on the device under another URL', async () => {
      const place = await origin()
      await (await ask(place.engine(), place.url)).bytes()
      await vi.waitFor(() => expect([...place.store.files.values()][0]?.proof).toBe('xet'))
      place.hub.hub.log.clear()
      place.store.urls.clear()
      const answer = await ask(place.engine(), place.url, { 'cache-control': 'no-cache' })
      expect(answer.headers.get('x-modelferry')).toBe('hit')
      expect(kinds(place)).toEqual(['resolve'])
    })

    test.each<[string, FaultAction]>([
      ['is refused', { do: 'status', status: 403 }],
      ['fails', { do: 'status', status: 500 }],
      ['breaks', { do: 'cut', after: 10 }],
    ])('that %s costs no call more than without asking ahead', async (_, action) => {
      const counts: number[] = []
      for (const whole of [false, true]) {
        const place = await origin(hasty)
        place.hub.hub.faults.add({ kind: 'reconstruction', times: 2, action })
        const engine = place.engine()
        if (whole) {
          await engine.info(place.url, ahead)
          await vi.waitFor(() => expect(cas(place).length).toBeGreaterThan(1))
        }
        const answer = await engine.info(place.url, {})
        if (!('info' in answer)) throw new Error('The hub refused.')
        const range = { start: 0, end: answer.info.size }
        const reader = await engine.demand(answer.info, range, {})
        await expect(reader.until(0)).resolves.toBeGreaterThan(0)
        counts.push(cas(place).length)
      }
      expect(counts[1]).toBeLessThanOrEqual(counts[0] ?? 0)
    })

    test('ends when no load takes it over', async () => {
      const place = await origin()
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const aborted: boolean[] = []
      const block = vi
        .spyOn(Reconstructions.prototype, 'block')
        .mockImplementation((_, __, { signal } = {}) => {
          signal?.addEventListener('abort', () => aborted.push(true))
          return new Promise(() => undefined)
        })
      onTestFinished(() => block.mockRestore())
      await place.engine().info(place.url, ahead)
      await vi.waitFor(() => expect(block).toHaveBeenCalledOnce())
      await vi.advanceTimersByTimeAsync(1900)
      expect(aborted).toEqual([])
      await vi.advanceTimersByTimeAsync(200)
      expect(aborted).toEqual([true])
    })
  })

  test('two realms share one transfer of a file', async () => {
    const place = await origin()
    const answers = await Promise.all(
      [place.engine(), place.engine(), place.engine()].map((engine) => ask(engine, place.url)),
    )
    const bodies = await Promise.all(answers.map((answer) => answer.bytes()))
    for (const body of bodies) expect(Buffer.compare(body, place.bytes)).toBe(0)
    expect(storageBytes(place)).toBeLessThan(place.bytes.length * 1.1)
  })

  test('one realm continues where another was closed', async () => {
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

  test('the transfer ends with its last reader, and committed bytes stay', async () => {
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

  test('an unread response ends the transfer, and a late reader gets the whole file', async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'xorb', nth: 2, times: 9, action: { do: 'delay', ms: 150 } })
    const request = { url: place.url, method: 'GET', headers: new Headers() }
    const answer = await answered(place.engine(), request, { unreadMs: 30 })
    await sleep(400)
    const [dropped, requests] = [storageBytes(place), kinds(place).length]
    expect(dropped).toBeLessThan(place.bytes.length)
    await sleep(300)
    expect(kinds(place)).toHaveLength(requests)
    expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
    expect(storageBytes(place)).toBeLessThan(place.bytes.length * 1.5)
  })

  test('a probe of its first byte costs one chunk', async () => {
    const place = await origin(hasty)
    const answer = await ask(place.engine(), place.url, { range: 'bytes=0-0' })
    expect(answer.headers.get('x-modelferry')).toBe('unproven')
    expect(await answer.bytes()).toEqual(new Uint8Array(place.bytes.subarray(0, 1)))
    expect(storageBytes(place)).toBeLessThan(140_000)
    expect(place.store.files.size).toBe(0)
  })

  test('a probe of its first byte asks its own URL once the answers of the CAS have contradicted each other', async () => {
    const place = await origin(hasty)
    const engine = place.engine()
    const known = await engine.info(place.url, {})
    if ('refusal' in known) throw new Error('refused')
    for (const { doubted } of place.realms) doubted.add(known.info.content)
    const answer = await ask(engine, place.url, { range: 'bytes=0-0' })
    expect(answer.headers.get('x-modelferry')).toBe('unproven')
    expect(await answer.bytes()).toEqual(new Uint8Array(place.bytes.subarray(0, 1)))
    expect(new Set(kinds(place))).toEqual(new Set(['resolve', 'lfs']))
  })

  test('a probe of its first byte costs nothing when the file is loaded right after', async () => {
    const place = await origin()
    const engine = place.engine()
    const probe = await ask(engine, place.url, { range: 'bytes=0-0' })
    const byte = probe.bytes()
    const whole = await (await ask(engine, place.url)).bytes()
    expect(await byte).toEqual(whole.slice(0, 1))
    const ranges = place.hub.hub.log.entries.map(({ range }) => range)
    expect(ranges).not.toContain('bytes=0-0')
    expect(storageBytes(place)).toBeLessThan(place.bytes.length * 1.1)
  })

  test("without Xet's way it comes from its own URL, proven by its SHA-256, and asks no other host", async () => {
    const place = await origin()
    const engine = place.engine(undefined, undefined, false)
    expect(Buffer.compare(await (await ask(engine, place.url)).bytes(), place.bytes)).toBe(0)
    await vi.waitFor(() => expect([...place.store.files.values()][0]?.proof).toBe('sha256'))
    expect(new Set(kinds(place))).toEqual(new Set(['resolve', 'lfs']))
    const probe = place.engine(undefined, undefined, false)
    expect((await ask(probe, place.url)).headers.get('x-modelferry')).toBe('hit')
  })

  test('a fault of its download names the storage, and has the URL of the file', async () => {
    const place = await origin(hasty)
    const action = { do: 'flip', at: 4 } as const
    place.hub.hub.faults.add({ kind: 'xorb', times: Infinity, action })
    const read = async (): Promise<unknown> => await (await ask(place.engine(), place.url)).bytes()
    await read().catch(() => undefined)
    const faults = place.events.filter(({ name }) => name === 'fault')
    expect(faults.length).toBeGreaterThan(0)
    const message = expect.stringContaining(new URL(place.hub.storageUrl).host)
    for (const { detail } of faults) expect(detail).toMatchObject({ url: place.url, message })
  })

  test('without space nothing is fetched', async () => {
    const place = await origin()
    place.store.room = 1000
    await expect(ask(place.engine(), place.url)).rejects.toMatchObject({ code: 'quota' })
    expect(kinds(place)).not.toContain('xorb')
  })

  test('a refusal of the hub is passed on, and reported when a token would help', async () => {
    const place = await origin()
    place.hub.hub.gated.add('me/vad')
    const engine = place.engine()
    expect((await ask(engine, place.url)).status).toBe(401)
    await vi.waitFor(() =>
      expect(place.events).toMatchObject([{ name: 'fault', detail: { code: 'unauthorized' } }]),
    )
    place.events.length = 0
    expect(await engine.info(place.url, { quiet: true })).toMatchObject({
      refusal: { status: 401 },
    })
    expect(place.events).toEqual([])
    const missing = place.url.replace('model.onnx', 'absent.json')
    const allowed = place.engine('hf_tester')
    expect((await ask(allowed, missing)).status).toBe(404)
    expect(Buffer.compare(await (await ask(allowed, place.url)).bytes(), place.bytes)).toBe(0)
    // Stored on this device, but not accessible without a token.
    expect((await ask(engine, place.url)).status).toBe(401)
  })

  test('file info does not give access to bytes that belong to another token', async () => {
    const place = await origin()
    const known = await place.engine().info(place.url, {})
    if (!('info' in known)) throw new Error('refused')
    place.hub.hub.gated.add('me/vad')
    const whole = { start: 0, end: place.bytes.length }
    const engine = place.engine('hf_tester')
    const stranger = { anonymous: true, hurry: true }
    await expect(engine.probe(known.info, stranger)).rejects.toMatchObject({ status: 401 })
    const demand = await engine.demand(known.info, whole, stranger)
    await expect(demand.until(0)).rejects.toMatchObject({ status: 401 })
    expect(kinds(place)).not.toContain('xorb')
  })

  test('stored info is used when the hub is unreachable', async () => {
    const place = await origin()
    const engine = place.engine()
    await (await ask(engine, place.url)).bytes()
    await vi.waitFor(async () => expect([...place.store.files.values()][0]?.proof).toBe('xet'))
    await place.hub.close()
    await ageStore(place.store)
    const answer = await ask(engine, place.url)
    expect(answer.headers.get('x-modelferry')).toBe('hit')
    expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
  })

  test('stored info is used when another server answers in place of the hub', async () => {
    const place = await origin()
    const engine = place.engine()
    await (await ask(engine, place.url)).bytes()
    await ageStore(place.store)
    place.hub.hub.faults.add({
      kind: 'resolve',
      times: Infinity,
      action: { do: 'status', status: 503 },
    })
    expect((await ask(engine, place.url)).status).toBe(200)
    expect((await ask(engine, `${place.url}.other`)).status).toBe(503)
  })

  test('a failed load rejects all readers, and the next one starts again', async () => {
    const place = await origin()
    const engine = place.engine()
    const action = { do: 'status', status: 403 } as const
    for (const kind of ['reconstruction', 'lfs'] as const)
      place.hub.hub.faults.add({ kind, times: Infinity, action })
    // No bytes arrived, so no headers were sent: the page's own request can still be made.
    const answers = [ask(engine, place.url), ask(engine, place.url)]
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'forbidden' })
    await vi.waitFor(() => expect(place.events.some(({ name }) => name === 'fault')).toBe(true))
    place.hub.hub.faults.clear()
    expect(Buffer.compare(await (await ask(engine, place.url)).bytes(), place.bytes)).toBe(0)
  })

  test('the use of the own URL of a file, because storage refuses, is reported once with the reason', async () => {
    const place = await origin()
    const action = { do: 'status', status: 403 } as const
    place.hub.hub.faults.add({ kind: 'xorb', times: Infinity, action })
    const answer = await ask(place.engine(), place.url)
    expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
    const faults = place.events.filter(({ name }) => name === 'fault')
    expect(faults).toMatchObject([
      {
        detail: { url: place.url, message: expect.stringContaining("the file's own URL instead") },
      },
    ])
  })

  test('the use of the own URL of a file is not reported while it brings nothing', async () => {
    const place = await origin()
    const action = { do: 'status', status: 403 } as const
    for (const kind of ['xorb', 'lfs'] as const)
      place.hub.hub.faults.add({ kind, times: Infinity, action })
    await expect(ask(place.engine(), place.url)).rejects.toThrow('refused')
    const faults = place.events.filter(({ name }) => name === 'fault')
    expect(JSON.stringify(faults)).not.toContain('instead')
  })

  test('a wait before a retry is reported', async () => {
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

  test('a grant that the hub revoked is deleted', async () => {
    const place = await origin()
    const engine = place.engine()
    await (await ask(engine, place.url)).bytes()
    await ageStore(place.store)
    place.hub.hub.gated.add('me/vad')
    expect((await ask(engine, place.url)).status).toBe(401)
    await place.hub.close()
    await expect(ask(engine, place.url)).rejects.toMatchObject({ code: 'network' })
  })

  /** Adds a small git file to the model's repository. */
  async function config({ hub, url }: Origin, text: string): Promise<string> {
    const file = { path: 'config.json', content: new Blob([text]) }
    await uploadFile({ ...hub.client, repo: 'me/vad', file })
    hub.hub.log.clear()
    return url.replace('model.onnx', 'config.json')
  }

  test('a small git file costs one request, for any kind of request, and works offline', async () => {
    const place = await origin()
    const engine = place.engine()
    const url = await config(place, '{"a":1}')
    const probe = await ask(engine, url, { range: 'bytes=0-0' })
    expect([probe.headers.get('content-range'), await probe.text()]).toEqual(['bytes 0-0/7', '{'])
    const head = await answered(engine, { url, method: 'HEAD', headers: new Headers() })
    expect(head.headers.get('content-length')).toBe('7')
    const whole = await ask(engine, url)
    expect([whole.headers.get('x-modelferry'), await whole.text()]).toEqual(['hit', '{"a":1}'])
    expect(kinds(place)).toEqual(['resolve'])
    await vi.waitFor(() =>
      expect(place.events).toMatchObject([
        { name: 'progress', detail: { url, phase: 'complete', held: 7, fetched: 7 } },
      ]),
    )
    await place.hub.close()
    await ageStore(place.store)
    expect(await (await ask(engine, url)).text()).toBe('{"a":1}')
  })

  test('an empty small file is a file', async () => {
    const place = await origin()
    const url = await config(place, '')
    const answer = await ask(place.engine(), url)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(kinds(place)).toEqual(['resolve'])
  })

  test('a small file that changed on its branch is updated', async () => {
    const place = await origin()
    const engine = place.engine()
    await ask(engine, await config(place, '{"a":1}'))
    const url = await config(place, '{"a":2}')
    expect(await (await ask(engine, url)).text()).toBe('{"a":1}')
    await ageStore(place.store)
    expect(await (await ask(engine, url)).text()).toBe('{"a":2}')
  })

  test('bytes of a small file that changed are not stored under the hash of the earlier ones', async () => {
    const place = await origin()
    const bodies: Record<string, string> = { '/a.bin': 'one', '/b.bin': 'one' }
    const server = http.createServer(({ url = '' }, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600', 'content-length': 3 })
      response.end(bodies[url])
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const engine = place.engine()
    expect(await (await ask(engine, `${base}/a.bin`)).text()).toBe('one')
    place.store.files.clear()
    bodies['/a.bin'] = 'two'
    const second = await ask(engine, `${base}/a.bin`)
    await expect(second.text()).rejects.toMatchObject({ code: 'integrity' })
    expect(await (await ask(engine, `${base}/b.bin`)).text()).toBe('one')
    await vi.waitFor(async () =>
      expect(await (await ask(engine, `${base}/a.bin`)).text()).toBe('two'),
    )
  })

  test.each(['page', 'prefetch'])(
    'a %s gets the current file when its server replaces it after the question about it, and takes it back later',
    async (kind) => {
      const place = await origin()
      let version = 1
      const server = http.createServer((_, response) => {
        const headers = { etag: `"v${version}"`, 'cache-control': 'max-age=600' }
        response.writeHead(200, { ...headers, 'content-length': 2 ** 21 })
        response.end(String(version).repeat(2 ** 21))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`
      const request = { url, method: 'GET', headers: new Headers() }
      const bypass = new Bypass()
      const answered = (engine: Engine, request: AskedRequest): Promise<Response> => {
        const plain = (): Promise<Response> => fetch(url)
        const options = { origin: 'https://app.example', bypass, plain }
        return answerPage(async () => engine, request, { ...options, tell: () => undefined })
      }
      await answered(place.engine(), { ...request, method: 'HEAD' })
      version = 2
      // Another realm, which has no open response.
      const engine = place.engine()
      if (kind === 'prefetch') await loadFile(engine, url, { signal: new AbortController().signal })
      const replaced = await answered(engine, request)
      expect(replaced.headers.get('etag')).toBe('"v2"')
      expect(await replaced.text()).toBe('2'.repeat(2 ** 21))
      // The folder is not passed through because of it.
      expect(bypass.passesRepository(url)).toBe(false)
      version = 1
      const back = await answered(engine, { ...request, cache: 'no-cache' })
      expect(back.headers.get('etag')).toBe('"v1"')
      expect(await back.text()).toBe('1'.repeat(2 ** 21))
    },
  )

  test.each([{ cache: 'no-cache' }, { 'cache-control': 'no-cache' }])(
    'a request with %j does not share the answer to a question that began before it',
    async (mode) => {
      const place = await origin()
      let release: (() => void) | undefined
      let asked = 0
      const server = http.createServer((_, response) => {
        const body = String((asked += 1))
        response.writeHead(200, { etag: `"v${body}"`, 'content-length': 1 })
        if (asked === 1) release = () => response.end(body)
        else response.end(body)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void server.close())
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`
      const engine = place.engine()
      const before = ask(engine, url)
      await vi.waitFor(() => expect(asked).toBe(1))
      const { cache, ...headers } = mode as Record<string, string>
      const options = { cache: cache as RequestCache | undefined, headers: new Headers(headers) }
      expect(await (await answered(engine, { url, method: 'GET', ...options })).text()).toBe('2')
      release?.()
      expect(await (await before).text()).toBe('1')
    },
  )

  test('a request that needs a fresh answer does not share the question of another one for the commit of a branch', async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'resolve', nth: 1, action: { do: 'delay', ms: 900 } })
    const engine = place.engine()
    const order: string[] = []
    const head = { url: place.url, method: 'HEAD', headers: new Headers() }
    const before = answered(engine, head).then(() => order.push('before'))
    await sleep(200)
    await answered(engine, { ...head, cache: 'no-cache' })
    order.push('fresh')
    await before
    expect(order).toEqual(['fresh', 'before'])
  })

  test('a small file that does not fit is not stored, and reported as too large', async () => {
    const place = await origin()
    const url = await config(place, '{"a":1}')
    place.store.room = 3
    await expect(ask(place.engine(), url)).rejects.toMatchObject({ code: 'quota' })
    expect(await place.engine().info(url, {})).toMatchObject({ info: { size: 7 } })
  })

  test('a missing file is requested once, revalidated for a branch, and known offline', async () => {
    const place = await origin()
    const engine = place.engine()
    const optional = place.url.replace('model.onnx', 'optional.json')
    const first = await ask(engine, optional)
    expect(first.status).toBe(404)
    const again = await ask(engine, optional, { range: 'bytes=0-0' })
    expect([again.status, await again.text()]).toEqual([404, await first.text()])
    expect(again.headers.get('x-error-code')).toBe('EntryNotFound')
    expect(kinds(place)).toEqual(['resolve'])
    await ageStore(place.store)
    expect((await ask(engine, optional)).status).toBe(404)
    expect(kinds(place)).toEqual(['resolve', 'resolve'])
    await ageStore(place.store)
    await place.hub.close()
    expect((await ask(engine, optional)).status).toBe(404)
  })

  test('a file that is missing in a commit stays missing', async () => {
    const place = await origin()
    const engine = place.engine()
    const known = await engine.info(place.url, {})
    const commit = 'info' in known ? known.info.commit : undefined
    const optional = place.url.replace('main/model.onnx', `${commit}/optional.json`)
    expect((await ask(engine, optional)).status).toBe(404)
    await ageStore(place.store)
    place.hub.hub.log.clear()
    expect((await ask(engine, optional)).status).toBe(404)
    expect(kinds(place)).toEqual([])
  })

  test('a 404 is stored only for its own user', async () => {
    const place = await origin()
    const optional = place.url.replace('model.onnx', 'optional.json')
    for (const token of [undefined, 'hf_tester', undefined, 'hf_tester'])
      expect((await ask(place.engine(token), optional)).status).toBe(404)
    expect(kinds(place)).toEqual(['resolve', 'resolve'])
  })

  test('a file that was added is found, and a removed one is missing', async () => {
    const place = await origin()
    const engine = place.engine()
    const notFound = { do: 'status', status: 404 } as const
    place.hub.hub.faults.add({ kind: 'resolve', action: notFound })
    expect((await ask(engine, place.url)).status).toBe(404)
    await ageStore(place.store)
    expect((await ask(engine, place.url, { range: 'bytes=0-0' })).status).toBe(206)
    await ageStore(place.store)
    // As a hub sends it; a 404 without a reason is that of a misconfigured server in front of it.
    const headers = { 'x-error-code': 'EntryNotFound', 'x-repo-commit': 'f'.repeat(40) }
    place.hub.hub.faults.add({ kind: 'resolve', action: { ...notFound, headers } })
    expect((await ask(engine, place.url)).status).toBe(404)
    await place.hub.close()
    expect((await ask(engine, place.url)).status).toBe(404)
  })

  test('without a network, missing files are answered from storage, and unknown files fail at once', async () => {
    const place = await origin()
    const engine = place.engine()
    const optional = place.url.replace('model.onnx', 'optional.json')
    expect((await ask(engine, optional)).status).toBe(404)
    await ageStore(place.store)
    await place.hub.close()
    const began = performance.now()
    // Libraries ask twice: for the size by a range, and for the file.
    for (const headers of [{ range: 'bytes=0-0' }, {}])
      expect((await ask(engine, optional, headers)).status).toBe(404)
    const unknown = place.url.replace('me/vad', 'me/other')
    await expect(ask(engine, unknown)).rejects.toMatchObject({ code: 'network' })
    expect(performance.now() - began).toBeLessThan(500)
  })

  test.each([400, 410, 500])('a refusal with %i is not stored', async (status) => {
    const place = await origin()
    const engine = place.engine()
    place.hub.hub.faults.add({ kind: 'resolve', times: 2, action: { do: 'status', status } })
    expect((await ask(engine, place.url)).status).toBe(status)
    place.hub.hub.faults.clear()
    expect((await ask(engine, place.url)).status).toBe(200)
  })

  const busy = (seconds: string): FaultAction => ({
    do: 'status',
    status: 429,
    headers: { 'retry-after': seconds },
  })

  const unauthorized: FaultAction = { do: 'status', status: 401 }

  test('a pause that storage asks for is respected, and the load reports it', async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'xorb', nth: 2, times: 2, action: busy('1') })
    const answer = await ask(place.engine(), place.url)
    expect(Buffer.compare(await answer.bytes(), place.bytes)).toBe(0)
    const xorbs = place.hub.hub.log.entries.filter(({ kind }) => kind === 'xorb')
    const refused = xorbs.filter(({ status }) => status === 429).map(({ at }) => at)
    expect(refused).toHaveLength(2)
    const from = Math.max(...refused)
    // Requests that were sent before the response are not counted.
    const inside = xorbs.filter(({ at }) => at > from + 500 && at < from + 990)
    expect(inside).toEqual([])
    await vi.waitFor(() =>
      expect(place.events.at(-1)).toMatchObject({ detail: { phase: 'complete' } }),
    )
    const waits = place.events.flatMap(({ name, detail }) => (name === 'waiting' ? [detail] : []))
    expect(waits).toHaveLength(1)
    expect(waits[0]).toMatchObject({
      url: place.url,
      origin: place.hub.storageUrl,
      reason: { code: 'http', status: 429 },
    })
    const phases = place.events.flatMap(({ name, detail }) => (name === 'progress' ? [detail] : []))
    expect(phases.find(({ phase }) => phase === 'waiting')).toMatchObject({
      waiting: { origin: place.hub.storageUrl, reason: { status: 429 }, patienceMs: 25_000 },
    })
    expect(phases.at(-1)).not.toHaveProperty('waiting')
  })

  test("a page's request does not wait for long: it gets the hub's refusal", async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'resolve', action: busy('26') })
    const engine = place.engine()
    const answer = await ask(engine, place.url)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '26'])
    // Other requests do not reach the hub during the pause, and do not get its response: pages may make their own requests.
    const other = ask(engine, `${place.url}.other`)
    await expect(other).rejects.toMatchObject({ code: 'http', status: 429 })
    expect(kinds(place)).toEqual(['resolve'])
  })

  test('a patient request waits for the hub, reports it, and can be aborted', async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'resolve', action: busy('60') })
    const end = new AbortController()
    const load = loadFile(place.engine(), place.url, { signal: end.signal })
    const ended = expect(load).rejects.toThrow('enough')
    await vi.waitFor(() =>
      expect(place.events).toMatchObject([
        {
          name: 'waiting',
          detail: { url: place.url, origin: place.hub.url, reason: { status: 429 } },
        },
      ]),
    )
    end.abort(new Error('enough'))
    await ended
    expect(kinds(place)).toEqual(['resolve'])
  })

  test('a short wait does not lead to a refusal', async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'resolve', action: busy('1') })
    expect((await ask(place.engine(), place.url)).status).toBe(200)
    expect(kinds(place).slice(0, 2)).toEqual(['resolve', 'resolve'])
  })

  test('a refused token is replaced once, and the info belongs to the new one', async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'resolve', action: unauthorized })
    const engine = place.engine('hf_old', 'hf_tester')
    const info = await engine.info(place.url, {})
    expect(info).toMatchObject({ info: { size: place.bytes.length } })
    expect(kinds(place)).toEqual(['resolve', 'resolve'])
    expect(place.events).toEqual([])
    expect([...place.store.urls.values()]).toMatchObject([
      { grants: [await grantOf('Bearer hf_tester')] },
    ])
  })

  test("a token in the page's request is not replaced, and an equal token is not tried again", async () => {
    const place = await origin()
    place.hub.hub.faults.add({ kind: 'resolve', times: null, action: unauthorized })
    const own = { authorization: 'Bearer hf_theirs' }
    expect((await ask(place.engine('hf_old', 'hf_tester'), place.url, own)).status).toBe(401)
    expect((await ask(place.engine('hf_old'), place.url)).status).toBe(401)
    expect(kinds(place)).toEqual(['resolve', 'resolve'])
  })
})

describe('two hubs that announce different sizes of one hash', () => {
  /** Waits for the last byte of a load. */
  async function whole(engine: Engine, info: FileInfo): Promise<number> {
    const demand = await engine.demand(info, { start: 0, end: info.size }, {})
    try {
      return await demand.until(info.size - 1)
    } finally {
      demand.release()
    }
  }

  test.each([-1000, 1000])(
    'a size that is %i bytes off fails; the right one works at the same time and afterwards',
    async (off) => {
      const place = await origin(hasty)
      const engine = place.engine()
      const verdict = await engine.info(place.url, {})
      if (!('info' in verdict)) throw new Error('There is no file.')
      const { info } = verdict
      const wrong = { ...info, size: info.size + off }
      const outcomes = await Promise.allSettled([whole(engine, wrong), whole(engine, info)])
      expect(outcomes).toMatchObject([
        { status: 'rejected', reason: { name: 'FerryError' } },
        { status: 'fulfilled', value: info.size },
      ])
      expect(place.store.files.get(info.content)).toMatchObject({ size: info.size, proof: 'xet' })
      await expect(whole(engine, wrong)).rejects.toMatchObject({ code: 'integrity' })
      expect((await engine.stored(info))?.size).toBe(info.size)
    },
  )

  test('the remains of a load with the wrong size do not block the right one', async () => {
    const place = await origin(hasty)
    const engine = place.engine()
    const verdict = await engine.info(place.url, {})
    if (!('info' in verdict)) throw new Error('There is no file.')
    const { info } = verdict
    const left = await place.store.begin(info.content, info.size + 7)
    await left.close()
    expect(await whole(engine, info)).toBe(info.size)
  })
})

describe('throttle', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('runs at once, then once per interval, and never drops the last call', () => {
    const work = vi.fn<() => void>()
    const tell = throttle(work, 100)
    for (let ms = 0; ms < 250; ms += 10) {
      tell()
      vi.advanceTimersByTime(10)
    }
    expect(work).toHaveBeenCalledTimes(3)
    vi.advanceTimersByTime(1000)
    expect(work).toHaveBeenCalledTimes(4)
  })

  test('an immediate report is not repeated later', () => {
    const work = vi.fn<() => void>()
    const tell = throttle(work, 100)
    tell()
    tell.now()
    vi.advanceTimersByTime(1000)
    expect(work).toHaveBeenCalledTimes(1)
    tell()
    vi.advanceTimersByTime(0)
    expect(work).toHaveBeenCalledTimes(2)
  })
})
