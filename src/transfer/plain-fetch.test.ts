import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { systemClock } from '../core/async.ts'
import { defaultRetry } from '../net/attempt.ts'
import { startOrigin } from '../hub/testing/startOrigin.ts'
import { netOf } from '../net/testing/netOf.ts'
import type { FerryEvent, FileInfo } from '../data/index.ts'
import { askFileInfo } from '../reconstruction/file-info.ts'
import { memoryRecordStore } from '../reconstruction/record-store.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import { Download } from './download.ts'
import { type DownloadProgress, OpenResponses } from './file-source.ts'
import { answered, ask } from './testing/ask.ts'
import type { MemoryFile } from './testing/MemoryFile.ts'
import { MemoryStore } from './testing/MemoryStore.ts'
import { dates, oddBytes, partlyChanged, startOddServer } from './testing/odd-servers.ts'

const hasher = await createHasher()
const whole = oddBytes(9_000_000)
const sha256 = createHash('sha256').update(whole).digest('hex')
const server = await startOddServer(whole)
const net = netOf({
  fetch: (url, init) => fetch(url, init),
  random: () => 0.5,
  retry: { ...defaultRetry, delayMs: 4, maxDelayMs: 20 },
})

afterAll(() => server.close())

interface Loaded {
  readonly file: MemoryFile
  readonly views: readonly DownloadProgress[]
}

/** Downloads the file from a server of one behaviour. */
async function load(
  behaviour: string,
  more: Partial<FileInfo> = {},
  store: MemoryStore = new MemoryStore(hasher),
): Promise<Loaded> {
  const reconstructions = new Reconstructions({ net, store: memoryRecordStore() })
  const tools = { net, hasher, reconstructions, connections: 6, store: store.asStore }
  const url = server.url(behaviour)
  const info = { url, size: whole.length, content: 'etag:1', ranges: true, fetchedAt: 0, ...more }
  const views: DownloadProgress[] = []
  const download = new Download({ ...tools, online: async () => undefined }, info, {
    wanted: () => [],
    report: (view) => void views.push(view),
  })
  server.sent()
  await download.run(new AbortController().signal)
  return { file: store.files.get('etag:1')!, views }
}

describe('a file that no hash proves', () => {
  const isChanged = { code: 'integrity', errorCode: 'FileChanged', retryable: true }

  test.each([
    ['multipart', { etag: '"m"' }],
    ['slice200', {}],
    ['capped', { etag: '"c"' }],
    ['shifted', { etag: '"s"' }],
    ['gzip', { ranges: false }],
  ])(
    'arrives completely, with at most 1.02 times its bytes, from a server of the kind %s',
    async (behaviour, more) => {
      const { file } = await load(behaviour, more)
      expect(Buffer.compare(file.bytes, whole)).toBe(0)
      expect(file.proof).toBe('length')
      expect(server.sent().bytes).toBeLessThan(whole.length * 1.02)
    },
  )

  test('an aborted connection costs nothing: the rest is requested by the same strong ETag', async () => {
    const { file } = await load('cut-resumed', { etag: '"r"' })
    expect(Buffer.compare(file.bytes, whole)).toBe(0)
    expect(server.sent().bytes).toBe(whole.length + 64)
  })

  test('after a redirect the rest is requested without a condition, which another origin may refuse', async () => {
    const { file } = await load('cut-elsewhere', { etag: '"e"', moved: true })
    expect(Buffer.compare(file.bytes, whole)).toBe(0)
    expect(server.sent().bytes).toBeLessThan(whole.length + 2 ** 20)
  })

  test('responses with different ETags are not combined: behind a balancer, the server with the same one is asked', async () => {
    const { file } = await load('cut-pods', { etag: `"65f01-${whole.length}"` })
    expect(Buffer.compare(file.bytes, whole)).toBe(0)
    expect(file.proof).toBe('length')
    expect(server.sent().bytes).toBeLessThan(whole.length * 1.2)
  })

  const [date] = dates

  test.each([
    ['ETag', 'other-etag', { etag: '"v1"', lastModified: date }],
    ['Last-Modified, where no ETag is readable', 'other-date', { lastModified: date }],
  ])(
    'that is replaced by one of the same length after the question about it, with another %s, is not stored as the old one',
    async (_, behaviour, more) => {
      const store = new MemoryStore(hasher)
      await expect(load(behaviour, more, store)).rejects.toMatchObject(isChanged)
      expect(store.files.get('etag:1')?.discarded).toBe(true)
      expect(server.sent().requests).toBe(1)
    },
  )

  test.each([
    ['one strong ETag', 'cut-changed', { etag: '"same"' }],
    ['no ETag', 'cut-changed-untagged', {}],
    ['an ETag that is weak in the second response', 'cut-weakened', { etag: '"same"' }],
    [
      'one strong ETag, in parts only and with another Last-Modified',
      'cut-changed-partly',
      { etag: '"same"', lastModified: dates[0] },
    ],
  ])(
    'that changes during a load under %s is an error, and never mixed',
    async (_, behaviour, more) => {
      const store = new MemoryStore(hasher)
      await expect(load(behaviour, more, store)).rejects.toMatchObject(isChanged)
      expect(store.files.get('etag:1')?.discarded).toBe(true)
    },
  )

  test('another server may give another Last-Modified to the same bytes under one ETag', async () => {
    const { file } = await load('cut-redated', { etag: '"same"', lastModified: dates[0] })
    expect(Buffer.compare(file.bytes, whole)).toBe(0)
    expect(file.proof).toBe('length')
  })

  test('a continuation whose body is shifted by three bytes is detected', async () => {
    const { file } = await load('cut-shifted', { etag: '"s"' })
    expect(Buffer.compare(file.bytes, whole)).toBe(0)
  })

  test('a body longer than announced is an error, and is never truncated', async () => {
    await expect(load('longer')).rejects.toMatchObject({ code: 'integrity', retryable: true })
  })
})

describe('the response to the question about a file', () => {
  test('is the first request of its download', async () => {
    const store = new MemoryStore(hasher)
    const openResponses = new OpenResponses(systemClock)
    const tools = {
      net,
      hasher,
      reconstructions: new Reconstructions({ net, store: memoryRecordStore() }),
      connections: 6,
      store: store.asStore,
      online: async () => undefined,
      openResponses,
    }
    server.sent()
    const opened = openResponses.hold.bind(openResponses)
    const answer = await askFileInfo({ ...net, url: server.url('shifted'), opened })
    if ('refusal' in answer) throw new Error('refused')
    const options = { wanted: () => [], report: () => undefined }
    await new Download(tools, answer.info, options).run(new AbortController().signal)
    const [file] = store.files.values()
    expect(Buffer.compare(file!.bytes, whole)).toBe(0)
    expect(server.sent()).toEqual({ bytes: whole.length, requests: 1 })
  })
})

describe('a file of several slices whose connection ends often', () => {
  const size = 5_000_000
  const bytes = oddBytes(size, 3)
  const etag = '"one"'

  /** Each response stops at the byte of the file that its step names. */
  async function download(
    cuts: readonly number[],
    {
      etags = [etag],
      body = bytes,
      ranged = Infinity,
    }: { etags?: (string | undefined)[]; body?: Buffer; ranged?: number } = {},
    info: Partial<FileInfo> = { etag },
  ): Promise<{
    store: MemoryStore
    asked: (string | undefined)[]
    done: Promise<void>
    sent: () => number
  }> {
    const asked: (string | undefined)[] = []
    let sent = 0
    const cutting = http.createServer(({ headers: { range } }, response) => {
      const at = asked.push(range) - 1
      const tag = at < etags.length ? etags[at] : etags.at(-1)
      const from = /^bytes=(\d+)-/.exec(range ?? '')?.[1]
      if (from && at >= ranged) {
        response.writeHead(416).end()
        return
      }
      const place = from && { 'content-range': `bytes ${from}-${size - 1}/${size}` }
      const part = (at === 0 ? bytes : body).subarray(Number(from ?? 0), cuts[at])
      const length = { 'content-length': size - Number(from ?? 0) }
      response.writeHead(from ? 206 : 200, { ...(tag && { etag: tag }), ...place, ...length })
      sent += part.length
      response.write(part, () => {
        if (cuts[at] === undefined) response.end()
        else setTimeout(() => response.destroy(), 50)
      })
    })
    await new Promise<void>((listening) => cutting.listen(0, '127.0.0.1', listening))
    onTestFinished(() => cutting.close().closeAllConnections())
    const store = new MemoryStore(hasher)
    const reconstructions = new Reconstructions({ net, store: memoryRecordStore() })
    const online = async (): Promise<void> => undefined
    const tools = { net, hasher, reconstructions, connections: 6, store: store.asStore, online }
    const url = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}/model.bin`
    const of = { url, size, content: 'etag:1', ranges: true, fetchedAt: 0, ...info }
    const options = { wanted: () => [], report: () => undefined }
    const done = new Download(tools, of, options).run(new AbortController().signal)
    return { store, asked, done, sent: () => sent }
  }

  test.each([
    ['after one byte', [1], ['bytes=0-']],
    ['in its second slice', [1_572_864], ['bytes=1572800-']],
    ['twice in one slice', [1_100_000, 1_700_000], ['bytes=1099936-', 'bytes=1699936-']],
  ])('%s is continued there', async (_, cuts, ranges) => {
    const { store, asked, done, sent } = await download(cuts)
    await done
    expect(Buffer.compare(store.files.get('etag:1')!.bytes, bytes)).toBe(0)
    expect(asked).toEqual([undefined, ...ranges])
    expect(sent()).toBeLessThanOrEqual(size + 64 * cuts.length)
  })

  test('is compared by its own slices where the server stops to send ranges', async () => {
    const { store, asked, done } = await download([1_100_000, 1_700_000], { ranged: 2 })
    await done
    expect(Buffer.compare(store.files.get('etag:1')!.bytes, bytes)).toBe(0)
    expect(asked).toEqual([undefined, 'bytes=1099936-', 'bytes=1699936-', undefined])
  })

  test('and that changes under one ETag is an error, and never mixed', async () => {
    const { store, done } = await download([1_572_864], { body: oddBytes(size, 77) })
    await expect(done).rejects.toMatchObject({ code: 'integrity', errorCode: 'FileChanged' })
    expect(store.files.get('etag:1')?.discarded).toBe(true)
  })

  test('is committed every second on a slow line', async () => {
    const slow = http.createServer((_, response) => {
      response.writeHead(200, { etag, 'content-length': size })
      response.write(bytes.subarray(0, 100_000))
      setTimeout(() => response.write(bytes.subarray(100_000, 200_000)), 1100)
    })
    await new Promise<void>((listening) => slow.listen(0, '127.0.0.1', listening))
    onTestFinished(() => slow.close().closeAllConnections())
    const store = new MemoryStore(hasher)
    const reconstructions = new Reconstructions({ net, store: memoryRecordStore() })
    const online = async (): Promise<void> => undefined
    const tools = { net, hasher, reconstructions, connections: 6, store: store.asStore, online }
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/model.bin`
    const info = { url, size, content: 'etag:1', ranges: true, fetchedAt: 0, etag }
    let held = 0
    const stop = new AbortController()
    const report = (view: DownloadProgress): void => void (held = view.held)
    const done = new Download(tools, info, { wanted: () => [], report }).run(stop.signal)
    await vi.waitFor(() => expect(held).toBeGreaterThanOrEqual(100_000), 5000)
    stop.abort()
    await expect(done).rejects.toBe(stop.signal.reason)
  })

  test('keeps only whole slices of a response without a validator', async () => {
    const { store, asked, done } = await download([1_572_864], { etags: [undefined] }, {})
    await done
    expect(Buffer.compare(store.files.get('etag:1')!.bytes, bytes)).toBe(0)
    expect(asked).toEqual([undefined, undefined])
  })
})

describe('a file whose server replaces it under one strong ETag', () => {
  const size = 5_000_000
  const [old, changed] = [oddBytes(size, 3), partlyChanged(oddBytes(size, 3))]

  /** A server that ignores conditions. Its first whole response may stop, as on a line that is lost. */
  async function serve(
    stopsAt?: number,
  ): Promise<{ url: string; replace: (date?: string) => void; asked: (string | undefined)[] }> {
    const asked: (string | undefined)[] = []
    let file: { body: Buffer; date: string } = { body: old, date: dates[0] }
    let stops = stopsAt
    const replaced = http.createServer(({ headers }, response) => {
      asked.push(headers.range)
      const { body, date } = file
      const head = { etag: '"one"', 'last-modified': date, 'accept-ranges': 'bytes' }
      const [, start, last = size - 1] = /^bytes=(\d+)-(\d+)?/.exec(headers.range ?? '') ?? []
      const part = body.subarray(Number(start ?? 0), Number(last) + 1)
      const place = start ? { 'content-range': `bytes ${start}-${last}/${size}` } : {}
      response.writeHead(start ? 206 : 200, { ...head, ...place, 'content-length': part.length })
      if (stops === undefined) response.end(part)
      else response.write(part.subarray(0, stops))
      stops = undefined
    })
    await new Promise<void>((listening) => replaced.listen(0, '127.0.0.1', listening))
    onTestFinished(() => {
      replaced.close().closeAllConnections()
    })
    return {
      url: `http://127.0.0.1:${(replaced.address() as AddressInfo).port}/model.bin`,
      replace: (date = dates[0]) => (file = { body: changed, date }),
      asked,
    }
  }

  test('a later load does not continue its bytes by those of another Last-Modified', async () => {
    const place = await startOrigin()
    const { url, replace } = await serve(2_500_000)
    const reader = (await ask(place.engine(), url)).body!.getReader()
    for (let got = 0; got < 2 ** 20;) got += (await reader.read()).value!.length
    await reader.cancel()
    replace(dates[1])
    // A request that reads nothing does not make the new date that of the bytes on the device.
    await answered(place.engine(), { url, method: 'HEAD', headers: new Headers() })
    const answer = await ask(place.engine(), url)
    expect(Buffer.compare(await answer.bytes(), changed)).toBe(0)
    expect(Buffer.compare(await (await ask(place.engine(), url)).bytes(), changed)).toBe(0)
  })

  test.each([
    ['no-cache', 'the own origin, which ignores its condition', undefined],
    ['reload', 'the own origin, which ignores its condition', undefined],
    ['no-cache', 'another origin', 'https://app.example'],
    ['reload', 'another origin', 'https://app.example'],
  ] as const)(
    'a request in mode %s to %s gets the new bytes, which are kept',
    async (cache, _, page) => {
      if (page !== undefined) vi.stubGlobal('location', { origin: page })
      onTestFinished(() => void vi.unstubAllGlobals())
      const place = await startOrigin()
      const { url, replace, asked } = await serve()
      const request = { url, method: 'GET', headers: new Headers() }
      const first = await answered(place.engine(), request)
      expect(Buffer.compare(await first.bytes(), old)).toBe(0)
      replace()
      const again = await answered(place.engine(), { ...request, cache })
      expect(Buffer.compare(await again.bytes(), changed)).toBe(0)
      expect(asked).toEqual([undefined, undefined])
      expect(Buffer.compare(await (await answered(place.engine(), request)).bytes(), changed)).toBe(
        0,
      )
    },
  )

  test('a request in mode no-cache to another origin gets the stored file while it is unchanged', async () => {
    vi.stubGlobal('location', { origin: 'https://app.example' })
    onTestFinished(() => void vi.unstubAllGlobals())
    const place = await startOrigin()
    const { url } = await serve()
    const request = { url, method: 'GET', headers: new Headers() }
    await (await answered(place.engine(), request)).bytes()
    const again = await answered(place.engine(), { ...request, cache: 'no-cache' })
    expect(again.headers.get('x-modelferry')).toBe('hit')
  })
})

describe('a large file of another origin that is requested again', () => {
  const size = 5_000_000
  const bytes = oddBytes(size, 3)

  /** A server with one version of the file. Its first whole response stops before the end. */
  async function serve(stopsAt: number): Promise<{ url: string; asked: (string | undefined)[] }> {
    const asked: (string | undefined)[] = []
    const head = { etag: '"one"', 'last-modified': dates[0], 'accept-ranges': 'bytes' }
    const answers = http.createServer(({ headers: { range } }, response) => {
      const [, start, last = size - 1] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? []
      asked.push(range)
      if (start === undefined) {
        response.writeHead(200, { ...head, 'content-length': size })
        if (asked.length === 1) response.write(bytes.subarray(0, stopsAt))
        else response.end(bytes)
        return
      }
      const part = bytes.subarray(Number(start), Number(last) + 1)
      const place = { 'content-range': `bytes ${start}-${last}/${size}` }
      response.writeHead(206, { ...head, ...place, 'content-length': part.length }).end(part)
    })
    await new Promise<void>((listening) => answers.listen(0, '127.0.0.1', listening))
    vi.stubGlobal('location', { origin: 'https://app.example' })
    onTestFinished(() => {
      vi.unstubAllGlobals()
      answers.close().closeAllConnections()
    })
    return { url: `http://127.0.0.1:${(answers.address() as AddressInfo).port}/model.bin`, asked }
  }

  test('after a cancel continues where it stopped, with the response to the question about it', async () => {
    const place = await startOrigin()
    const { url, asked } = await serve(3_300_000)
    const engine = place.engine()
    const { body } = await ask(engine, url)
    await vi.waitFor(() => expect(fetchedBytes(place.events)).toBe(3_300_000), 20_000)
    await body!.cancel()
    const again = await ask(engine, url)
    expect(Buffer.compare(await again.bytes(), bytes)).toBe(0)
    expect(asked).toEqual([undefined, `bytes=${3_300_000 - 64}-`])
  })

  test('while it is loaded costs one byte, and joins the load', async () => {
    const place = await startOrigin()
    const { url, asked } = await serve(3_300_000)
    const engine = place.engine()
    const first = await ask(engine, url)
    await vi.waitFor(() => expect(fetchedBytes(place.events)).toBe(3_300_000), 20_000)
    const second = await ask(engine, url)
    expect(asked).toEqual([undefined, 'bytes=0-0'])
    await Promise.all([first.body!.cancel(), second.body!.cancel()])
  })

  test('and is on the device costs one byte', async () => {
    const place = await startOrigin()
    const { url, asked } = await serve(size)
    await (await ask(place.engine(), url)).bytes()
    const again = await ask(place.engine(), url)
    expect(again.headers.get('x-modelferry')).toBe('hit')
    expect(asked).toEqual([undefined, 'bytes=0-0'])
  })
})

/** Bytes that the last reported load has received. */
function fetchedBytes(events: readonly FerryEvent[]): number {
  const [last] = events
    .flatMap((event) => (event.name === 'progress' ? event.detail : []))
    .slice(-1)
  return last?.fetched ?? 0
}

describe('a file that its SHA-256 proves', () => {
  test.each([
    ['multipart', {}],
    ['slice200', {}],
    ['capped', {}],
    ['shifted', {}],
    ['pods', {}],
  ])('arrives completely from a server of the kind %s', async (behaviour, more) => {
    const { file } = await load(behaviour, { sha256, ...more })
    expect(Buffer.compare(file.bytes, whole)).toBe(0)
    expect(file.proof).toBe('sha256')
  })
})
