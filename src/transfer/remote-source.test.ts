import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { FerryError } from '../core/errors.ts'
import { sleep } from '../core/async.ts'
import { AnsweringChannel } from '../protocol/channel.ts'
import { credentialHeader, CredentialReferences } from '../protocol/credentials.ts'
import type { FileInfo } from '../data/index.ts'
import type { LoadState } from '../data/index.ts'
import { readerStream } from './response-body.ts'
import type { FileSource, SourceOptions } from './file-source.ts'
import { RemoteSource } from './remote-source.ts'
import { type LoaderPlace, serveChannel } from './serve-channel.ts'
import { sendBytes } from './shared-download.ts'
import { BytesSource } from './testing/BytesSource.ts'
import { MemoryStore } from './testing/MemoryStore.ts'

const hasher = await createHasher()
const bytes = new Uint8Array(9000).map((_, at) => (at * 31) % 251)
const { known: info } = new BytesSource(bytes, { url: 'https://hub.example/x.bin' })
// Long enough for a busy machine, where all realms of a test share one thread.
const timeouts = {
  locateMs: 250,
  locateAgainMs: 40,
  answerMs: 5000,
  silenceMs: 400,
  keepAliveMs: 100,
}
const scope = 'https://app.example/'
const credentials = new CredentialReferences()
const whole = { start: 0, end: bytes.length }

const endings: (() => void)[] = []
afterEach(() => endings.splice(0).forEach((end) => end()))

/** The channels of a test, one for each realm. */
function channels(): () => AnsweringChannel {
  const name = `remote-${Math.random()}`
  return () => {
    const channel = new AnsweringChannel(name)
    endings.push(() => channel.close())
    return channel
  }
}

interface Bringing {
  readonly from?: number
  readonly diesAt?: number
}

/** Writes the file in steps from a given byte and announces them; may stop at another byte. */
async function bring(
  channel: AnsweringChannel,
  store: MemoryStore,
  { from = 0, diesAt = Infinity }: Bringing = {},
): Promise<void> {
  const tell = (change: Partial<LoadState>): void =>
    channel.emit({ name: 'progress', detail: { ...stateOf(info), ...change } })
  for (let end = from; end < bytes.length; end += 1000) {
    if (end >= diesAt) return channel.close()
    const file = await store.begin(info.content, bytes.length)
    await file.write(end, bytes.slice(end, end + 1000))
    const hash = hasher.chunk(bytes.slice(end, end + 1000))
    await file.commit({ xorb: '', chunk: 0, offset: end, rows: [{ length: 1000, hash }] })
    await file.close()
    tell({ releasable: [{ start: 0, end: end + 1000 }] })
    await sleep(3)
  }
  if (from < bytes.length) tell({ phase: 'complete', releasable: [whole] })
}

/** A loader that does so once, for any demand. */
function loader(
  channel: AnsweringChannel,
  store: MemoryStore,
  { error, ...bringing }: Bringing & { readonly error?: FerryError } = {},
): { readonly demands: string[] } {
  const demands: string[] = []
  let work: Promise<void> | undefined
  channel.answer({
    locate: async () => ({ own: true }),
    info: async () => ({ info }),
    demand: async ({ demand }) => {
      demands.push(demand)
      if (error) throw error
      work ??= bring(channel, store, bringing)
      return null
    },
    probe: async () => bytes.slice(0, 1),
  })
  return { demands }
}

const nowhere: FileSource = {
  info: () => Promise.reject(new Error('not this one')),
  stored: async () => undefined,
  demand: () => Promise.reject(new Error('not this one')),
  probe: () => Promise.reject(new Error('not this one')),
}

function remote(
  channel: AnsweringChannel,
  store: MemoryStore,
  local: FileSource = nowhere,
): RemoteSource {
  return new RemoteSource(channel, store.asStore, async () => local, scope, credentials, timeouts)
}

async function readAll(source: RemoteSource, from = 0): Promise<Uint8Array> {
  const demand = await source.demand(info, whole, {})
  const range = { start: from, end: whole.end }
  return await new Response(readerStream(demand, range, async () => demand)).bytes()
}

test('the bytes of a small file are read before it is on the device, whatever becomes of its load', async () => {
  const channel = channels()
  const there = channel()
  there.answer({ locate: async () => ({ own: true }), demand: async () => null })
  const source = remote(channel(), new MemoryStore(hasher))
  const demand = await source.demand(info, whole, {})
  sendBytes(info, new Uint8Array(bytes))
  expect(await demand.until(0)).toBe(info.size)
  const read = readerStream(demand, whole, async () => demand)
  expect(await new Response(read).bytes()).toEqual(new Uint8Array(bytes))
})

test('a loader learns that the whole file will be read', async () => {
  const channel = channels()
  const asked = vi.fn<FileSource['info']>(async () => ({ info }))
  endings.push(serveChannel(channel(), { ...nowhere, info: asked }, { scope }, () => undefined))
  const source = remote(channel(), new MemoryStore(hasher))
  for (const options of [{ whole: true }, {}]) await source.info(info.url, options)
  expect(asked.mock.calls.map(([, { whole }]) => whole)).toEqual([true, undefined])
})

test("the loader of a page that has just answered is not searched for the page's demand", async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const located = vi.fn(async () => ({ own: true }))
  const loading = channel()
  loader(loading, store)
  loading.answer({ locate: located })
  const source = remote(channel(), store)
  const searches = async (asked: SourceOptions): Promise<number> => {
    located.mockClear()
    await source.info(info.url, { ...asked, recheck: 'always' })
    const demand = await source.demand(info, whole, asked)
    demand.release()
    return located.mock.calls.length
  }
  expect(await searches({ client: 'a', page: true })).toBe(1)
  expect(await searches({ client: 'b' })).toBe(2)
  await source.info(info.url, { client: 'a', page: true, recheck: 'always' })
  located.mockClear()
  ;(await source.demand(info, whole, { client: 'c', page: true })).release()
  expect(located).toHaveBeenCalledOnce()
})

describe('the wait for the loader of a page', () => {
  const page = { client: 'page', page: true, recheck: 'always' } as const
  const place = { scope, client: 'page' }
  const asked = async (source: RemoteSource, options: SourceOptions = page): Promise<number> => {
    const began = performance.now()
    await source.info(info.url, options)
    return performance.now() - began
  }
  const local = { ...nowhere, info: async () => ({ info }) }

  test('ends when it begins to answer, also beside that of another page', async () => {
    for (const others of [[], ['other']]) {
      const channel = channels()
      for (const client of others)
        endings.push(serveChannel(channel(), nowhere, { scope, client }, () => undefined))
      const source = remote(channel(), new MemoryStore(hasher))
      const begun = asked(source)
      await sleep(60)
      const own = serveChannel(channel(), local, place, () => undefined)
      expect(await begun).toBeLessThan(200)
      own()
    }
  })

  test('is short where it was in vain before, until a loader begins to answer', async () => {
    const channel = channels()
    const source = remote(channel(), new MemoryStore(hasher), local)
    expect(await asked(source)).toBeGreaterThan(240)
    expect(await asked(source)).toBeLessThan(200)
    expect(await asked(source, { ...page, client: 'another' })).toBeGreaterThan(240)
    endings.push(serveChannel(channel(), local, { scope, client: 'third' }, () => undefined))
    await sleep(20)
    expect(await asked(source)).toBeGreaterThan(240)
    expect(await asked(source)).toBeLessThan(200)
  })
})

test('a loader fetches the file', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const { demands } = loader(channel(), store)
  expect(await readAll(remote(channel(), store))).toEqual(bytes)
  expect(demands).toHaveLength(1)
})

test.each([
  ['', 0],
  [', while the clock of the device is set back by a day', 86_400_000],
])('an unresponsive loader is replaced by another, at the same position%s', async (_, ms) => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const first = loader(channel(), store, { diesAt: 4000 })
  const source = remote(channel(), store)
  const reading = readAll(source)
  await vi.waitFor(() => expect(first.demands).toHaveLength(1))
  const now = Date.now.bind(Date)
  const setBack = vi.spyOn(Date, 'now').mockImplementation(() => now() - ms)
  onTestFinished(() => setBack.mockRestore())
  const second = loader(channel(), store, { from: 4000 })
  expect(await reading).toEqual(bytes)
  expect(second.demands).toHaveLength(1)
})

test('an unresponsive loader without a replacement is replaced by the local engine', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  loader(channel(), store, { diesAt: 3000 })
  const local = new BytesSource(bytes)
  expect(await readAll(remote(channel(), store, local))).toEqual(bytes)
  expect(local.open).toBe(0)
})

test('without a loader the local engine does everything', async () => {
  const channel = channels()
  const local = new BytesSource(bytes)
  const source = remote(channel(), new MemoryStore(hasher), local)
  const [info, byte, first, second] = await Promise.all([
    source.info('https://hub.example/x.bin', {}),
    source.probe(local.known, {}),
    // A caller that arrives during the search for a loader gets the same result.
    readAll(source),
    readAll(source, 10),
  ])
  expect(info).toEqual({ info: local.known })
  expect(byte).toEqual(bytes.slice(0, 1))
  expect(first).toEqual(bytes)
  expect(second).toEqual(bytes.slice(10))
})

test('an error answer of a loader is not retried with another loader', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  loader(channel(), store, { error: new FerryError('quota', 'No room.') })
  await expect(remote(channel(), store).demand(info, whole, {})).rejects.toMatchObject({
    code: 'quota',
  })
})

test('a load that fails with an internal error can be started again', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const there = channel()
  const { demands } = loader(there, store)
  const source = remote(channel(), store)
  const demand = await source.demand(info, whole, {})
  const error = { code: 'worker', message: 'undefined is no function', retryable: false } as const
  there.emit({ name: 'progress', detail: { ...stateOf(info), phase: 'failed', error } })
  await expect(demand.until(8999)).rejects.toMatchObject({ code: 'worker' })
  expect(demands).toHaveLength(1)
})

function stateOf({ content, url, size }: FileInfo): LoadState {
  const rest = { held: 0, fetched: 0, reused: 0, bytesPerSecond: 0 }
  const nothing = { committed: [], releasable: [], inFlight: [] }
  return { content, url, size, phase: 'running', ...rest, ...nothing }
}

test('a question outlives its loader', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const deaf = channel()
  let asked = false
  deaf.answer({
    locate: async () => ({ own: true }),
    probe: () => {
      asked = true
      return new Promise(() => undefined)
    },
  })
  const answer = remote(channel(), store).probe(info, {})
  await vi.waitFor(() => expect(asked).toBe(true))
  loader(channel(), store)
  deaf.close()
  expect(await answer).toEqual(bytes.slice(0, 1))
})

test('two readers share one demand, and the last one ends it', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const there = channel()
  const { demands } = loader(there, store, { from: bytes.length })
  const released: string[] = []
  there.listen((envelope) => envelope.kind === 'release' && released.push(envelope.demand))
  const source = remote(channel(), store)
  const one = await source.demand(info, whole, {})
  const two = await source.demand(info, whole, {})
  expect(demands).toHaveLength(1)
  one.release()
  await sleep(150)
  expect(released).toEqual([])
  two.release()
  await vi.waitFor(() => expect(released).toEqual(demands))
})

test("a page is answered by its own loader; another page's loader does not use its token; loaders of other scopes stay silent", async () => {
  const channel = channels()
  const asked: string[] = []
  const loads = (name: string, served: LoaderPlace): AnsweringChannel => {
    const there = channel()
    const source: FileSource = {
      ...nowhere,
      info: async (_, { client, anonymous = false }) => {
        asked.push(`${name} ${client} ${anonymous}`)
        return { info }
      },
      probe: async (_, { anonymous = false }) => {
        asked.push(`${name} probe ${anonymous}`)
        return bytes.slice(0, 1)
      },
      demand: async (_, __, { anonymous = false }) => {
        asked.push(`${name} demand ${anonymous}`)
        throw new FerryError('closed', 'Asked.')
      },
    }
    onTestFinished(serveChannel(there, source, served, () => undefined))
    return there
  }
  loads('stranger', { scope: 'https://app.example/other/', client: 'page' })
  loads('neighbour', { scope, client: 'neighbour' })
  const own = loads('own', { scope, client: 'page' })
  const source = remote(channel(), new MemoryStore(hasher))
  const ask = async (options: SourceOptions): Promise<string | undefined> => {
    await source.info(info.url, options)
    return asked.pop()
  }
  for (let turn = 0; turn < 5; turn += 1)
    expect(await ask({ client: 'page', page: true })).toBe('own page false')
  expect(await ask({ client: 'page without loader', page: true })).toMatch(
    /^(own|neighbour) page without loader true$/,
  )
  expect(await ask({ client: 'worker' })).toMatch(/^(own|neighbour) worker false$/)
  own.close()
  const page = { client: 'page', page: true }
  expect(await ask(page)).toBe('neighbour page true')
  await source.probe(info, page)
  await expect(source.demand(info, whole, page)).rejects.toMatchObject({ code: 'closed' })
  expect(asked.splice(0)).toEqual(['neighbour probe true', 'neighbour demand true'])
  expect(asked).toEqual([])
})

test('loads that wait do not make their loader look up the users of all loaders', async () => {
  const channel = channels()
  const isMixed = vi.fn<() => Promise<boolean>>(async () => false)
  const source = new BytesSource(bytes)
  const stop = serveChannel(channel(), source, { scope, client: 'page', isMixed }, () => undefined)
  const requesting = remote(channel(), new MemoryStore(hasher))
  const files = Array.from({ length: 20 }, (_, at) => ({ ...info, content: `etag:${at}` }))
  const demands = await Promise.all(
    files.map((file) => requesting.demand(file, whole, { client: 'page', page: true })),
  )
  await sleep(3 * timeouts.keepAliveMs)
  for (const demand of demands) demand.release()
  expect(isMixed).not.toHaveBeenCalled()
  stop()
})

test('demands without a holder are released, the others are kept and ping', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const channel = channels()
  const source = new BytesSource(bytes)
  const pings = vi.fn<() => void>()
  const stop = serveChannel(channel(), source, { scope }, pings)
  const principal = channel()
  for (const demand of ['held', 'forgotten'])
    await principal.ask('demand', { demand, info, range: whole }, { timeoutMs: 1000 })
  expect(source.open).toBe(2)
  for (let turn = 0; turn < 4; turn += 1) {
    principal.tell({ kind: 'keep-alive', demand: 'held' })
    await principal.ask('locate', { scope }, { timeoutMs: 1000 })
    vi.advanceTimersByTime(10_000)
  }
  expect(source.open).toBe(1)
  expect(pings).toHaveBeenCalledTimes(4)
  principal.tell({ kind: 'release', demand: 'held' })
  await principal.ask('locate', { scope }, { timeoutMs: 1000 })
  expect(source.open).toBe(0)
  vi.advanceTimersByTime(30_000)
  expect(pings).toHaveBeenCalledTimes(4)
  stop()
})

test('a demand that arrives while the loader ends is not left open', async () => {
  const channel = channels()
  const source = new BytesSource(bytes)
  const begun = source.demand.bind(source)
  const go: (() => void)[] = []
  const slow = vi.spyOn(source, 'demand').mockImplementation(async (...args) => {
    await new Promise<void>((resolve) => void go.push(resolve))
    return await begun(...args)
  })
  const stop = serveChannel(channel(), source, { scope }, () => undefined)
  const principal = channel()
  const answer = principal.ask('demand', { demand: 'd', info, range: whole }, { timeoutMs: 1000 })
  await vi.waitFor(() => expect(slow).toHaveBeenCalled())
  stop()
  go[0]?.()
  await expect(answer).rejects.toMatchObject({ code: 'closed' })
  expect(source.open).toBe(0)
})

test('the failure of an unrelated loader is ignored', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  loader(channel(), store)
  const stranger = channel()
  const source = remote(channel(), store)
  const demand = await source.demand(info, whole, {})
  const error = { code: 'superseded', message: 'Taken over.', retryable: false } as const
  stranger.emit({ name: 'progress', detail: { ...stateOf(info), phase: 'failed', error } })
  const body = readerStream(demand, whole, async () => demand)
  expect(await new Response(body).bytes()).toEqual(bytes)
})

test('a demand that was released while the device slept is started again', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const forgetful = channel()
  const engine = new BytesSource(bytes)
  const asked = vi.spyOn(engine, 'demand')
  const stop = serveChannel(forgetful, engine, { scope }, () => undefined)
  const reading = readAll(remote(channel(), store))
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce())
  // As after thirty seconds without a ping: the loader exists, but the demand does not.
  stop()
  serveChannel(forgetful, engine, { scope }, () => undefined)
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2))
  const work = bring(forgetful, store)
  expect(await reading).toEqual(bytes)
  await work
})

test('bytes that were read before a loader died and are wrong according to the next one fail the reader', async () => {
  const channel = channels()
  const store = new MemoryStore(hasher)
  const first = loader(channel(), store, { diesAt: 4000 })
  const source = remote(channel(), store)
  const demand = await source.demand(info, whole, {})
  await vi.waitFor(() => expect(first.demands).toHaveLength(1))
  for (let at = 0; at < 4000;) {
    const end = await demand.until(at)
    await demand.read(at, end)
    at = end
  }
  const second = channel()
  const waiting = demand.until(4000)
  second.answer({
    locate: async () => ({ own: true }),
    demand: async () => {
      setTimeout(() => {
        const recalled = [{ start: 1000, end: 2000 }]
        second.emit({ name: 'progress', detail: { ...stateOf(info), recalled } })
      }, 20)
      return null
    },
  })
  await expect(waiting).rejects.toMatchObject({ code: 'integrity' })
})

/** Records its questions. */
class AskedSource extends BytesSource {
  readonly asked: SourceOptions[] = []

  override async info(_url?: string, options: SourceOptions = {}): Promise<{ info: FileInfo }> {
    this.asked.push(options)
    return { info }
  }
}

test('an Authorization header never crosses the channel: the loader gets it by its reference', async () => {
  const channel = channels()
  const sent = vi.spyOn(BroadcastChannel.prototype, 'postMessage')
  onTestFinished(() => sent.mockRestore())
  const store = new MemoryStore(hasher)
  const source = new AskedSource(bytes, { url: info.url })
  let given: string | null | undefined
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const asked = new Headers(init.headers)
    given = asked.get(credentialHeader)
    return new Response(null, { headers: { [credentialHeader]: 'Bearer secret' } })
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  endings.push(serveChannel(channel(), source, { scope }, () => undefined))
  const remote = new RemoteSource(channel(), store.asStore, async () => source, scope, credentials)
  await remote.info(info.url, { authorization: 'Bearer secret' })
  expect(source.asked).toMatchObject([{ authorization: 'Bearer secret' }])
  expect(given).toEqual(expect.any(String))
  const messages = JSON.stringify(sent.mock.calls)
  expect(messages).toContain(given)
  expect(messages).not.toContain('secret')
})

test.each([
  ['one user', false, undefined],
  ['several users', true, true],
])(
  'a worker of an unknown page is anonymous where loaders have %s: %s',
  async (_, mixed, anonymous) => {
    const channel = channels()
    const source = new AskedSource(bytes, { url: info.url })
    const served = { scope, client: 'ann', isMixed: async () => mixed }
    endings.push(serveChannel(channel(), source, served, () => undefined))
    const store = new MemoryStore(hasher).asStore
    const remote = new RemoteSource(channel(), store, async () => source, scope, credentials)
    await remote.info(info.url, { client: 'worker of ben', page: false })
    expect(source.asked[0]?.anonymous).toBe(anonymous)
  },
)
