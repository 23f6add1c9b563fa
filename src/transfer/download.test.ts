import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadFiles } from '@huggingface/hub'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { type ByteRange, ByteSet, overlaps } from '../core/bytes.ts'
import { FerryError } from '../core/errors.ts'
import { type Clock, orAborted, systemClock } from '../core/async.ts'
import type { FaultAction } from '../hub/faults.ts'
import type { HubSettings, RunningHub } from '../hub/hub.ts'
import type { LogEntry, RequestKind } from '../hub/log.ts'
import { startHub } from '../hub/http-server.ts'
import { readModel } from '../hub/testing/readModel.ts'
import { defaultRetry, type Fetch } from '../net/attempt.ts'
import { Backoff } from '../net/backoff.ts'
import { netOf } from '../net/testing/netOf.ts'
import type { FileInfo } from '../data/index.ts'
import { askFileInfo } from '../reconstruction/file-info.ts'
import {
  memoryRecordStore,
  type RecordStore,
  type AskOptions,
  type Block,
  type Run,
} from '../reconstruction/record-store.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import type { Proof, Store } from '../store/store.ts'
import { MemoryStore } from './testing/MemoryStore.ts'
import { Download } from './download.ts'
import type { DownloadProgress, DownloadTools } from './file-source.ts'
import fc from 'fast-check'
import type { ChunkRow } from '../codec/chunk-record.ts'
import { fileHash, xorbHash } from '../codec/xet-hash.ts'
import { rangeOf } from '../store/index.ts'

describe('Download', async () => {
  const mebi = 2 ** 20
  const hasher = await createHasher()
  const files = {
    // Random bytes are stored uncompressed, models mostly with grouped bytes.
    'big.bin': random(40 * mebi, 1),
    'vad.onnx': await readModel('silero_vad_op18_ifless.onnx'),
    'vad-16k.onnx': await readModel('silero_vad_16k_op15.onnx'),
    'text.bin': text(3 * mebi),
    'small.bin': random(6 * mebi, 3),
    'plain.bin': random(6 * mebi, 2),
  }
  type Name = keyof typeof files

  const plainSha256 = createHash('sha256').update(files['plain.bin']).digest('hex')

  let folder: string
  let hub: RunningHub
  let defaults: HubSettings
  const infos = new Map<Name, FileInfo>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelferry-transfer-'))
    hub = await startHub({ open: true, folder, clock, withoutXet: ['me/m/plain.bin'] })
    const client = { hubUrl: hub.url, accessToken: 'hf_tester', repo: 'me/m' }
    for (const [path, bytes] of Object.entries(files))
      await uploadFiles({ ...client, files: [{ path, content: new Blob([bytes]) }] })
    defaults = { ...hub.hub.settings }
    for (const name of Object.keys(files) as Name[]) infos.set(name, await askInfo(name))
  }, 60_000)

  afterEach(() => {
    hub.hub.faults.clear()
    hub.hub.configure(defaults)
    hub.hub.log.clear()
    ahead = 0
  })

  afterAll(async () => {
    await hub.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Incompressible bytes. */
  function random(size: number, seed: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array(size / 4)
    let state = seed
    for (let at = 0; at < words.length; at += 1) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
      words[at] = state ^ (state >>> 13)
    }
    return new Uint8Array(words.buffer)
  }

  function text(size: number): Uint8Array<ArrayBuffer> {
    let lines = ''
    for (let line = 0; lines.length < size; line += 1)
      lines += `${line} ${Math.imul(line, 48_271) >>> 0} the same words in every line\n`
    return new TextEncoder().encode(lines.slice(0, size))
  }

  /** Offset of the clock of hub and device, milliseconds. */
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => Date.now() + ahead }

  const net = netOf({
    fetch: (url, init) => fetch(url, init),
    clock,
    random: () => 0.5,
    retry: {
      ...defaultRetry,
      attempts: 4,
      renewals: 2,
      delayMs: 4,
      maxDelayMs: 50,
      stallMs: 1500,
      firstByteMs: 5000,
    },
  })

  const online = async (): Promise<void> => undefined

  /** One realm with a device, whose storage persists between transfers. */
  function device(
    connections = 6,
  ): DownloadTools & { memory: MemoryStore; records: RecordStore; renewed: number[] } {
    const memory = new MemoryStore(hasher)
    const renewed: number[] = []
    const records = memoryRecordStore()
    const reconstructions = new Reconstructions({
      net,
      store: records,
      onEvent: ({ generation }) => void renewed.push(generation),
    })
    const tools = { net, hasher, reconstructions, connections, online, store: memory.asStore }
    return { ...tools, memory, records, renewed }
  }

  async function askInfo(name: Name): Promise<FileInfo> {
    const answer = await askFileInfo({ ...net, url: `${hub.url}/me/m/resolve/main/${name}` })
    // A redirect hides the header with the SHA-256; a direct response of the hub does not.
    if ('info' in answer)
      return name === 'plain.bin' ? { ...answer.info, sha256: plainSha256 } : answer.info
    throw new Error(`The hub refused ${name}.`)
  }

  interface Carrying {
    readonly wanted?: readonly ByteRange[]
    readonly signal?: AbortSignal
    readonly report?: (view: DownloadProgress, transfer: Download) => void
    /** Replaces the hub's info. */
    readonly info?: FileInfo
    readonly proof?: Proof
  }

  /** The info of a hub without a SHA-256: only the Xet hash proves the file. */
  function withoutSha256(name: Name): FileInfo {
    const { sha256: _, ...info } = infoOf(name)
    return name === 'plain.bin' ? infoOf(name) : { ...info, content: `xet:${info.xetHash}` }
  }

  function infoOf(name: Name): FileInfo {
    return infos.get(name)!
  }

  /** Downloads a file; checks that all released bytes are correct. */
  async function carry(
    tools: DownloadTools & { memory: MemoryStore },
    name: Name,
    {
      wanted = [],
      signal = new AbortController().signal,
      report,
      info = infoOf(name),
      proof = info.xetHash === undefined ? 'sha256' : 'xet',
    }: Carrying = {},
  ): Promise<{ transfer: Download; views: DownloadProgress[] }> {
    const views: DownloadProgress[] = []
    const transfer: Download = new Download(tools, info, {
      wanted: () => wanted,
      report: (view) => {
        views.push(view)
        report?.(view, transfer)
      },
    })
    await transfer.run(signal)
    const file = tools.memory.files.get(info.content)
    expect(file?.proof).toBe(proof)
    expect(Buffer.compare(file?.bytes ?? new Uint8Array(), files[name])).toBe(0)
    return { transfer, views }
  }

  function logged(kind: RequestKind): readonly LogEntry[] {
    return hub.hub.log.entries.filter((entry) => entry.kind === kind)
  }

  function bytesOf(kind: RequestKind): number {
    return logged(kind).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Requests that storage refused. */
  function refused(): number {
    return logged('xorb').filter(({ status }) => status >= 400).length
  }

  describe('a cold load', () => {
    test.each(Object.keys(files) as Name[])('of %s is identical', async (name) => {
      const { views } = await carry(device(), name)
      expect(views.at(-1)).toMatchObject({ held: files[name].length, inFlight: [] })
      expect(bytesOf('xorb') + bytesOf('lfs')).toBeLessThan(files[name].length + mebi)
    })

    test.each([
      ['few large descriptors', {}],
      ['many small ones', { descriptorBytes: 700_000 }],
      ['one URL for several ranges', { descriptorBytes: 3_000_000, multirange: true }],
      ['version 1', { reconstruction: 'v1' }],
    ] as const)('from %s uses all connections', async (_, settings) => {
      hub.hub.configure(settings)
      let busiest = 0
      await carry(device(), 'big.bin', {
        report: ({ inFlight }) => {
          busiest = Math.max(busiest, inFlight.length)
        },
      })
      expect(busiest).toBeGreaterThanOrEqual(4)
    })
  })

  describe('a refusal', () => {
    test.each([403, 404])('%i during a transfer renews once per block', async (status) => {
      hub.hub.faults.add({ kind: 'xorb', nth: 2, times: 3, action: { do: 'status', status } })
      const tools = device()
      await carry(tools, 'big.bin')
      expect(refused()).toBe(3)
      expect(tools.renewed.length).toBeLessThanOrEqual(3)
      expect(tools.renewed.length).toBeGreaterThan(0)
      expect(new Set(tools.renewed)).toEqual(new Set([2]))
    })

    test.each([400, 401, 403, 404])(
      '%i of many pieces of one block leads to one renewal',
      async (status) => {
        hub.hub.configure({ descriptorBytes: 400_000 })
        hub.hub.faults.add({ kind: 'xorb', nth: 3, times: 4, action: { do: 'status', status } })
        const tools = device()
        await carry(tools, 'small.bin')
        expect(refused()).toBe(4)
        expect(tools.renewed).toEqual([2])
        expect(logged('reconstruction')).toHaveLength(2)
      },
    )

    test('that persists ends after bounded renewals, and keeps the committed bytes', async () => {
      hub.hub.configure({ descriptorBytes: 400_000 })
      const tools = device(2)
      hub.hub.faults.add({
        kind: 'xorb',
        nth: 6,
        times: Infinity,
        action: { do: 'status', status: 403 },
      })
      const info = withoutSha256('small.bin')
      await expect(carry(tools, 'small.bin', { info })).rejects.toMatchObject({
        code: 'expired-url',
        retryable: true,
      })
      // Running requests of the other connection still used the previous URLs.
      expect(tools.renewed).toEqual([2, 3])
      expect(tools.memory.files.size).toBe(1)
      const [file] = tools.memory.files.values()
      expect(file?.held.size).toBeGreaterThan(0)
    })

    test('does not happen when URLs are known to have expired', async () => {
      hub.hub.configure({ urlLifetimeMs: 5 * 60_000, descriptorBytes: 400_000 })
      const tools = device(1)
      await carry(tools, 'small.bin', {
        report: ({ fetched }) => {
          if (fetched > 3 * mebi) ahead = 10 * 60_000
        },
      })
      expect(refused()).toBe(0)
      expect(tools.renewed).toEqual([2])
    })

    test('of the read token is answered by another token', async () => {
      hub.hub.faults.add({ kind: 'reconstruction', action: { do: 'status', status: 401 } })
      await carry(device(), 'vad.onnx')
      expect(logged('token')).toHaveLength(2)
    })
  })

  describe('a fault during a transfer', () => {
    const faults: [string, Name, FaultAction][] = [
      ['500', 'small.bin', { do: 'status', status: 500 }],
      ['429', 'small.bin', { do: 'status', status: 429, headers: { 'retry-after': '0' } }],
      ['a cut', 'small.bin', { do: 'cut', after: 3_000_000 }],
      ['an aborted connection in the first record', 'small.bin', { do: 'cut', after: 5 }],
      ['a short body', 'small.bin', { do: 'short', after: 3_000_000 }],
      ['a stall', 'small.bin', { do: 'stall', after: 3_000_000, ms: 60_000 }],
      ['a flipped bit in a stored chunk', 'small.bin', { do: 'flip', scheme: 0 }],
      ['a flipped bit in a compressed chunk', 'text.bin', { do: 'flip', scheme: 1 }],
      ['a flipped bit in a grouped chunk', 'vad.onnx', { do: 'flip', scheme: 2 }],
      ['a flipped bit in a header', 'vad.onnx', { do: 'flip', at: 1 }],
      ['swapped chunks at a boundary', 'small.bin', { do: 'swap', first: 0, second: 1 }],
      ['swapped chunks', 'small.bin', { do: 'swap', first: 1, second: 2 }],
      ['a delay', 'vad.onnx', { do: 'delay', ms: 50 }],
    ]
    test.each(faults)('%s is healed', async (_, name, action) => {
      hub.hub.faults.add({ kind: 'xorb', action })
      const { views } = await carry(device(), name)
      expect(hub.hub.faults.rules).toEqual([])
      expect(views.every(({ recalled = [] }) => recalled.length === 0)).toBe(true)
    })

    test.each([
      ['500', { do: 'status', status: 500 }],
      ['a cut', { do: 'cut', after: 3_000_000 }],
      ['a short body', { do: 'short', after: 3_000_000 }],
      ['a flipped bit', { do: 'flip', at: 1_000_000 }],
    ] as const)('%s of a plain file is repaired', async (_, action) => {
      hub.hub.faults.add({ kind: 'lfs', action })
      await carry(device(), 'plain.bin')
      expect(hub.hub.faults.rules).toEqual([])
    })

    test('after an aborted connection only the rest is fetched', async () => {
      hub.hub.faults.add({ kind: 'xorb', action: { do: 'cut', after: 7_000_000 } })
      await carry(device(), 'big.bin')
      expect(bytesOf('xorb')).toBeLessThan(files['big.bin'].length + mebi)
    })

    test.each([
      ['small.bin', 'xorb', { do: 'flip', scheme: 0 }],
      ['text.bin', 'xorb', { do: 'flip', scheme: 1 }],
      ['vad.onnx', 'xorb', { do: 'flip', scheme: 2 }],
      ['small.bin', 'xorb', { do: 'swap', first: 0, second: 1 }],
      ['plain.bin', 'lfs', { do: 'flip', at: 77 }],
    ] as const)('permanent damage fails, and nothing is kept: %s', async (name, kind, action) => {
      hub.hub.faults.add({ kind, times: Infinity, action })
      const tools = device()
      const info = withoutSha256(name)
      await expect(carry(tools, name, { info })).rejects.toMatchObject({ code: 'integrity' })
      const { content } = info
      expect(tools.memory.files.get(content)?.discarded).toBe(true)
      expect(await tools.records.get(content)).toBeUndefined()
    })
  })

  describe('when the CAS is blocked, the rest is fetched from the URL of the file', () => {
    const forGood = { times: Infinity } as const

    test.each([
      ['the token is refused', 'token', { do: 'status', status: 403 }],
      ['the CAS answers 404', 'reconstruction', { do: 'status', status: 404 }],
      ['the CAS is blocked', 'reconstruction', { do: 'status', status: 451 }],
      ['storage refuses', 'xorb', { do: 'status', status: 403 }],
      ['storage does not support ranges', 'xorb', { do: 'status', status: 501 }],
      ['storage closes the connection', 'xorb', { do: 'cut', after: 0 }],
      ['storage is damaged', 'xorb', { do: 'flip', scheme: 0 }],
    ] as const)('%s', async (_, kind, action) => {
      hub.hub.faults.add({ kind, ...forGood, action })
      const { views } = await carry(device(), 'small.bin', { proof: 'sha256' })
      expect(views.at(-1)).toMatchObject({ held: files['small.bin'].length })
    })

    test('committed bytes are not fetched again', async () => {
      hub.hub.configure({ descriptorBytes: 700_000 })
      hub.hub.faults.add({
        kind: 'xorb',
        nth: 5,
        ...forGood,
        action: { do: 'status', status: 403 },
      })
      const { views } = await carry(device(1), 'small.bin', { proof: 'sha256' })
      expect(views.at(-1)?.fetched).toBeLessThan(files['small.bin'].length * 1.1)
    })

    test('storage asks for a pause of an hour: this file and others of that host continue', async () => {
      const action = { do: 'status', status: 429, headers: { 'retry-after': '3600' } } as const
      hub.hub.faults.add({ kind: 'xorb', action })
      const own = netOf({ ...net, backoff: new Backoff({ ...net, maxWaitMs: 600_000 }) })
      await carry({ ...device(), net: own }, 'small.bin', { proof: 'sha256' })
      await carry({ ...device(), net: own }, 'text.bin', { proof: 'sha256' })
    })

    test('a SHA-256 that does not match fails, and nothing is kept', async () => {
      hub.hub.faults.add({ kind: 'xorb', ...forGood, action: { do: 'status', status: 403 } })
      const sha256 = '0'.repeat(64)
      const known = infoOf('small.bin')
      const info = { ...known, sha256, content: `xet:${known.xetHash}+sha256:${sha256}` }
      const tools = device()
      await expect(carry(tools, 'small.bin', { info })).rejects.toMatchObject({
        code: 'integrity',
      })
      expect(tools.memory.files.get(info.content)?.discarded).toBe(true)
    })
  })

  describe('on a full device', () => {
    const unread = [{ start: 100, end: 200 }]

    /** Downloads `plain.bin` with a store that is full from the start and holds what `needed` says. */
    async function carryFull(info: FileInfo): Promise<{ needed: unknown; unkept: unknown[] }> {
      const tools = device()
      const end = new AbortController()
      const unkept: unknown[] = []
      let needed: unknown
      const begin = tools.store.begin.bind(tools.store)
      tools.store.begin = async (content, size, options) => {
        const file = await begin(content, size, options)
        options?.readers?.onFull()
        needed = options?.readers?.needed()
        file.read = () => Promise.reject(new Error('The bytes have been delivered.'))
        file.finish = () => Promise.reject(new FerryError('quota', 'full'))
        return file
      }
      const transfer = new Download(tools, info, {
        wanted: () => [],
        needed: () => unread,
        report: () => undefined,
        unkept: (reason) => {
          unkept.push(reason)
          end.abort()
        },
      })
      await transfer.run(end.signal)
      return { needed, unkept }
    }

    test('a file without hashes is held only for its readers', async () => {
      const { sha256: _, ...info } = infoOf('plain.bin')
      const { needed, unkept } = await carryFull({ ...info, content: 'url:plain' })
      expect(needed).toEqual(unread)
      expect(unkept).toMatchObject([{ code: 'quota' }])
    })

    test('a small Xet file is held whole, so that its SHA-256 proves it when its rest comes from its own URL', async () => {
      hub.hub.configure({ descriptorBytes: 700_000 })
      const action = { do: 'status', status: 403 } as const
      hub.hub.faults.add({ kind: 'xorb', nth: 3, times: Infinity, action })
      const info = infoOf('small.bin')
      const tools = device(1)
      const end = new AbortController()
      const unkept: unknown[] = []
      const begin = tools.store.begin.bind(tools.store)
      tools.store.begin = async (content, size, options) => {
        const file = await begin(content, size, options)
        const { readers } = options ?? {}
        readers?.onFull()
        const read = file.read.bind(file)
        file.read = async (range) => {
          if (!new ByteSet(readers?.needed() ?? []).covers(range))
            throw new Error('The bytes have been delivered.')
          return await read(range)
        }
        file.finish = () => Promise.reject(new FerryError('quota', 'full'))
        return file
      }
      let proven = false
      await new Download(tools, info, {
        wanted: () => [],
        // A reader has read the half that came from storage.
        needed: () => [{ start: 900_000, end: info.size }],
        report: ({ held }) => (proven = held === info.size),
        unkept: (reason) => {
          unkept.push(reason)
          end.abort()
        },
      }).run(end.signal)
      expect(proven).toBe(true)
      expect(unkept).toMatchObject([{ code: 'quota' }])
    })

    test('a file is counted once, also when the device is emptied and becomes full again', async () => {
      const info = { ...infoOf('plain.bin'), size: 40 * 2 ** 20 }
      const whole = [{ start: 0, end: info.size }]
      for (let nth = 0; nth < 3; nth += 1) {
        const tools = device()
        const end = new AbortController()
        let needed: unknown
        const begin = tools.store.begin.bind(tools.store)
        tools.store.begin = async (content, size, options) => {
          const file = await begin(content, size, options)
          for (const _ of ['full', 'full again']) options?.readers?.onFull()
          needed = options?.readers?.needed()
          end.abort()
          return file
        }
        const options = { wanted: () => [], needed: () => unread, report: () => undefined }
        await expect(new Download(tools, info, options).run(end.signal)).rejects.toThrow('aborted')
        expect(needed).toEqual(whole)
      }
    })

    test.each([
      ['from the start', 1],
      ['after a part of it has come', 3],
    ])(
      'a Xet file that is too large to be held comes as its own URL sends it, when storage fails %s',
      async (_, nth) => {
        hub.hub.configure({ descriptorBytes: 700_000 })
        const action = { do: 'status', status: 403 } as const
        hub.hub.faults.add({ kind: 'xorb', nth, times: Infinity, action })
        // Without a SHA-256 to compute, as above the limit of what is held.
        const { sha256: __, ...info } = infoOf('small.bin')
        const tools = device(1)
        const end = new AbortController()
        const begin = tools.store.begin.bind(tools.store)
        tools.store.begin = async (content, size, options) => {
          const file = await begin(content, size, options)
          options?.readers?.onFull()
          file.finish = () => Promise.reject(new FerryError('quota', 'full'))
          return file
        }
        const views: DownloadProgress[] = []
        const unkept: unknown[] = []
        await new Download(tools, info, {
          wanted: () => [],
          needed: () => [{ start: 0, end: info.size }],
          report: (view) => views.push(view),
          unkept: (reason) => {
            unkept.push(reason)
            end.abort()
          },
        }).run(end.signal)
        expect(unkept).toMatchObject([{ code: 'quota' }])
        const given = new ByteSet(views.at(-1)?.releasable)
        expect(given.covers({ start: 0, end: info.size - 2 ** 20 })).toBe(true)
        const { bytes, committed } = tools.memory.files.get(info.content)!
        expect(Buffer.compare(bytes, files['small.bin'])).toBe(0)
        // Nothing proves where chunks from storage belong, so who got one of them is told.
        expect(committed.every(({ xorb }) => xorb === '')).toBe(true)
        const before = new ByteSet(views.flatMap(({ releasable }) => releasable))
        expect(before.covers({ start: 0, end: 1 })).toBe(true)
      },
    )

    test('a small file with a SHA-256 is held whole, for its proof', async () => {
      const info = infoOf('plain.bin')
      await expect(carryFull(info)).rejects.toThrow('The bytes have been delivered.')
    })
  })

  describe('committed bytes', () => {
    test.each([
      ['few large descriptors', 'big.bin', {}],
      ['one descriptor, many connections', 'big.bin', { descriptorBytes: 8_000_000 }],
      ['a plain file', 'plain.bin', {}],
    ] as const)('stay after an abort: %s', async (_, name, settings) => {
      hub.hub.configure(settings)
      const tools = device()
      const abort = new AbortController()
      const reason = new Error('enough')
      const first = carry(tools, name, {
        signal: abort.signal,
        report: ({ fetched }) => {
          if (fetched > files[name].length * 0.6) abort.abort(reason)
        },
      })
      await expect(first).rejects.toBe(reason)
      const [file] = tools.memory.files.values()
      const held = file?.held.size ?? 0
      expect(held).toBeGreaterThan(files[name].length * 0.4)
      hub.hub.log.clear()
      await carry(tools, name)
      const again = bytesOf('xorb') + bytesOf('lfs')
      expect(again).toBeLessThan(files[name].length - held + mebi)
    })

    test('of a related file are not fetched again', async () => {
      const tools = device()
      await carry(tools, 'vad.onnx')
      hub.hub.log.clear()
      const { views } = await carry(tools, 'vad-16k.onnx')
      const reused = views.at(-1)?.reused ?? 0
      expect(reused).toBeGreaterThan(files['vad-16k.onnx'].length / 3)
      expect(bytesOf('xorb')).toBeLessThan(files['vad-16k.onnx'].length - reused + 300_000)
    })

    test('that are damaged in a related file are fetched instead', async () => {
      const tools = device()
      await carry(tools, 'vad.onnx')
      for (const { bytes } of tools.memory.files.values())
        for (let at = 0; at < bytes.length; at += 100_000) bytes[at]! ^= 1
      const files = [...tools.memory.files.keys()]
      await carry(tools, 'vad-16k.onnx')
      expect(tools.memory.files.size).toBe(files.length + 1)
    })

    test.each(['vad.onnx', 'vad-16k.onnx'] as const)(
      'that a wrong reconstruction stored as chunks of another xorb do not get into %s',
      async (name) => {
        const honest = device()
        await carry(honest, 'vad.onnx')
        const { committed, bytes } = honest.memory.files.get(infoOf('vad.onnx').content)!
        const tools = device()
        const wrong = await tools.memory.begin(`xet:${'e'.repeat(64)}`, bytes.length)
        for (const run of committed) {
          let at = run.offset
          const rows = run.rows.map(({ length }) => {
            const chunk = bytes.subarray(at, at + length).map((byte) => byte ^ 1)
            at += length
            return { hash: hasher.chunk(chunk), length, chunk }
          })
          await wrong.write(run.offset, Buffer.concat(rows.map(({ chunk }) => chunk)))
          await wrong.commit({ ...run, rows })
        }
        await wrong.close()
        const { views } = await carry(tools, name)
        expect(views.some(({ reused }) => reused > 0)).toBe(true)
      },
    )
  })

  test('after an outage of all hosts the rest comes from storage, not from the own URL', async () => {
    let isOut = true
    const failing: Fetch = async (url, init) => {
      if (!isOut) return await fetch(url, init)
      // The network is back when the own URL has failed once.
      if (url.includes('/resolve/')) isOut = false
      throw new TypeError('Failed to fetch')
    }
    // Bytes of the own URL would be proven by the SHA-256.
    const tools = { ...device(), net: { ...net, fetch: failing } }
    await carry(tools, 'small.bin', { proof: 'xet' })
    expect(isOut).toBe(false)
  })

  test('a small file that was in memory only does not count as stored on a full device', async () => {
    const tools = device()
    const begin = tools.store.begin.bind(tools.store)
    tools.store.begin = async (...args) => {
      const file = await begin(...args)
      file.write = () => Promise.reject(new FerryError('quota', 'The device is full.'))
      return file
    }
    let given = 0
    const transfer = new Download(tools, infoOf('vad-16k.onnx'), {
      wanted: () => [],
      report: () => undefined,
      proven: ({ length }) => (given = length),
    })
    const end = transfer.run(new AbortController().signal)
    await expect(end).rejects.toMatchObject({ code: 'quota' })
    expect(given).toBe(files['vad-16k.onnx'].length)
  })

  describe('idle connections', () => {
    interface Line {
      /** Bytes per millisecond of the answers of storage, in turn. */
      readonly rates: readonly number[]
      readonly connections?: number
      /** Called for requests of connections that would be idle. */
      readonly ask?: (url: string, init?: RequestInit) => Promise<Response | void> | void
    }

    /** A device behind a line with a rate for each connection. */
    function behind({
      rates,
      ask,
      connections = 6,
    }: Line): ReturnType<typeof device> & { received(): number } {
      let received = 0
      let answers = 0
      let reconstructions = 0
      const paced = (
        body: ReadableStream<Uint8Array>,
        rate: number,
      ): ReadableStream<Uint8Array> => {
        const began = Date.now()
        let sent = 0
        const parts = body.pipeThrough(
          new TransformStream({
            transform(part: Uint8Array, controller) {
              for (let at = 0; at < part.length; at += 32_768)
                controller.enqueue(part.slice(at, at + 32_768))
            },
          }),
        )
        const reader = parts.getReader()
        return new ReadableStream(
          {
            async pull(controller) {
              const { done, value } = await reader.read()
              if (done) return controller.close()
              const early = sent / rate - (Date.now() - began)
              if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
              sent += value.length
              received += value.length
              controller.enqueue(value)
            },
            cancel: (reason) => reader.cancel(reason),
          },
          { highWaterMark: 0 },
        )
      }
      const slow: Fetch = async (url, init) => {
        const isXorb = url.includes('/xorbs/')
        const nth = isXorb ? (answers += 1) : 0
        if (url.includes('/reconstructions/')) reconstructions += 1
        // The file has five ranges.
        const isRelief = isXorb ? answers > 5 : reconstructions > 6
        const instead = isRelief ? await ask?.(url, init) : undefined
        if (instead) return instead
        const response = await fetch(url, init)
        const { status, headers } = response
        if (!isXorb || !response.ok || !response.body) return response
        return new Response(paced(response.body, rates[(nth - 1) % rates.length]!), {
          status,
          headers,
        })
      }
      const tools = device(connections)
      const { clock, retry } = net
      const lineNet = netOf({ fetch: slow, clock, retry, random: () => 0.5 })
      const own = new Reconstructions({
        net: lineNet,
        store: tools.records,
        onEvent: () => undefined,
      })
      return { ...tools, net: lineNet, reconstructions: own, received: () => received }
    }

    const rates = [600, 12_000, 12_000, 12_000, 12_000]

    test('fetch a part of what one connection is slow to bring', async () => {
      const tools = behind({ rates })
      await carry(tools, 'big.bin')
      expect(logged('xorb').length).toBeGreaterThan(6)
      expect(tools.received()).toBeLessThan(1.06 * files['big.bin'].length)
    })

    test('leave a fast line alone', async () => {
      await carry(device(), 'small.bin')
      expect(logged('xorb')).toHaveLength(1)
      expect(logged('reconstruction')).toHaveLength(1)
    })

    test.each([
      ['is refused', async () => new Response('no', { status: 403 })],
      [
        'asks for a pause',
        async () => new Response('', { status: 429, headers: { 'retry-after': '60' } }),
      ],
      [
        'never comes',
        (signal?: AbortSignal | null) =>
          orAborted(new Promise<void>(() => undefined), signal ?? undefined),
      ],
    ] as const)('do not delay the file if the reconstruction for them %s', async (_, answer) => {
      const tools = behind({
        rates: [3000, 12_000, 12_000, 12_000, 12_000],
        ask: (url, init) => (url.includes('/reconstructions/') ? answer(init?.signal) : undefined),
      })
      const began = Date.now()
      await carry(tools, 'big.bin')
      expect(logged('xorb').length).toBeLessThan(8)
      expect(Date.now() - began).toBeLessThan(8000)
    })

    test.each([
      ['the first', 0],
      ['the last', 1],
    ])('fetch nothing of a slow one if only %s of them gets a reconstruction', async (_, right) => {
      const asked: (string | null)[] = []
      const tools = behind({
        rates: [1200, 12_000, 12_000, 12_000, 12_000],
        connections: 5,
        ask: async (url, init) => {
          if (!url.includes('/reconstructions/')) return undefined
          const range = new Headers(init?.headers).get('range')
          asked.push(range)
          const isRight = [...new Set(asked)].indexOf(range) === right
          return isRight ? undefined : new Response('no', { status: 403 })
        },
      })
      // Only its reconstructions can give this file.
      await carry(tools, 'big.bin', { info: withoutSha256('big.bin') })
      expect(asked.length).toBeGreaterThan(0)
      expect(asked.length).toBeLessThan(10)
    })

    test.each([
      ['500', async () => new Response('', { status: 500 })],
      ['no connection', () => Promise.reject(new TypeError('Failed to fetch'))],
    ] as const)('have their own failures: %s', async (_, answer) => {
      let failures = 0
      const tools = behind({
        rates,
        ask: (url) => (url.includes('/xorbs/') && (failures += 1) < 3 ? answer() : undefined),
      })
      await carry(tools, 'big.bin')
      expect(failures).toBeGreaterThan(0)
    })

    test('of any rates, with failures in between, bring the file once', async () => {
      const line = fc.record({
        rates: fc.array(fc.integer({ min: 4000, max: 40_000 }), { minLength: 1, maxLength: 5 }),
        fails: fc.array(fc.boolean(), { maxLength: 2 }),
      })
      await fc.assert(
        fc.asyncProperty(line, async ({ rates, fails }) => {
          const left = [...fails]
          const tools = behind({
            rates,
            ask: async () => (left.pop() ? new Response('', { status: 500 }) : undefined),
          })
          await carry(tools, 'big.bin')
          expect(tools.received()).toBeLessThan(1.2 * files['big.bin'].length)
        }),
        { numRuns: 4, endOnFailure: true },
      )
    })
  })

  test('requested ranges are fetched first', async () => {
    hub.hub.configure({ descriptorBytes: 2_000_000 })
    const position = 35 * mebi
    let heldThen = Infinity
    await carry(device(1), 'big.bin', {
      wanted: [{ start: position, end: position + 1 }],
      report: ({ inFlight, held }) => {
        if (inFlight.some(({ start, end }) => start <= position && position < end))
          heldThen = Math.min(heldThen, held)
      },
    })
    expect(heldThen).toBe(0)
  })

  test('bytes can be read during the transfer, and not afterwards', async () => {
    let read: Promise<unknown> | undefined
    const { transfer } = await carry(device(), 'vad-16k.onnx', {
      // With both hashes nothing of a small file is delivered before its end.
      info: withoutSha256('vad-16k.onnx'),
      report: ({ releasable: [first] }, running) => {
        if (first) read ??= running.read(first)
      },
    })
    expect(await transfer.read({ start: 0, end: 1 })).toBeUndefined()
    expect(await read).toBeDefined()
  })

  test('a read while the file is finished gets its bytes from the store', async () => {
    const tools = device()
    let running: Download | undefined
    let read: Promise<unknown> | undefined
    const begin = tools.store.begin.bind(tools.store)
    tools.store.begin = async (content, size, options) => {
      const file = await begin(content, size, options)
      const finish = file.finish.bind(file)
      file.finish = async (proof) => {
        await finish(proof)
        file.read = () => Promise.reject(new FerryError('closed', 'It is finished or closed.'))
        read = running?.read({ start: 0, end: 1 })
        read?.catch(() => undefined)
      }
      return file
    }
    await carry(tools, 'vad-16k.onnx', { report: (_, transfer) => (running = transfer) })
    expect(read).toBeDefined()
    await expect(read).resolves.toBeUndefined()
  })
})

test('a range far into a large file waits only for the blocks and the xorb that contain it', async () => {
  const hasher = await createHasher()
  const size = 6_700_000_000
  const position = 4_294_957_289
  const chunks = [1000, 2000, 3000].map((length) => new Uint8Array(length).fill(length / 1000))
  const rows = chunks.map((bytes) => ({ length: bytes.length, hash: hasher.chunk(bytes) }))
  const xorb = xorbHash(rows, hasher)
  const records = chunks.map((bytes) => {
    const header = Buffer.alloc(8)
    header.writeUIntLE(bytes.length, 1, 3)
    header.writeUIntLE(bytes.length, 5, 3)
    return Buffer.concat([header, bytes])
  })
  const body = Buffer.concat(records)
  const starts = [0, 1008, 3016, body.length]
  const asked: string[] = []
  const part = (chunk: number, offset: number): Run => ({
    xorb,
    chunks: { start: chunk, end: chunk + 1 },
    offset,
    length: rows[chunk]!.length,
  })
  const filler = (offset: number, end: number): Run => ({
    xorb: offset.toString(16).padStart(64, '0'),
    chunks: { start: 0, end: 10_000 },
    offset,
    length: end - offset,
  })
  const reconstructions = {
    block: async (
      _: FileInfo,
      { start, end }: ByteRange,
      { signal }: AskOptions,
    ): Promise<Block> => {
      asked.push(`block ${start}`)
      const block = position - (position % 2 ** 28)
      // The CAS answers only for the first requested block, and when it is asked to confirm it.
      if (start !== block && start !== block - 1)
        return await orAborted(new Promise(() => undefined), signal)
      const runs = [
        ...(start < block ? [filler(start - 9999, block)] : []),
        part(0, block),
        filler(block + 1000, position),
        part(1, position),
        part(2, position + 2000),
        filler(position + 5000, end),
      ]
      const descriptors = runs.map(({ xorb: name, chunks: range }) => ({
        xorb: name,
        chunks: range,
        bytes:
          name === xorb
            ? { start: starts[range.start]!, end: starts[range.end]! }
            : { start: 0, end: 10_000_000 },
        url: `https://storage.example/${name}`,
      }))
      return {
        range: { start, end },
        runs,
        descriptors,
        fetchedAt: 0,
        deadline: null,
        skew: 0,
        generation: 1,
      }
    },
    recorded: async () => [],
    doubted: new Set(),
  } as unknown as Reconstructions
  const net = netOf({
    fetch: async (url, init) => {
      const { pathname } = new URL(url)
      const [, from = '', last = ''] = /(\d+)-(\d+)/.exec(new Headers(init?.headers).get('range')!)!
      asked.push(`${pathname === `/${xorb}` ? 'xorb' : 'another'} ${from}`)
      if (pathname !== `/${xorb}`) return await new Promise(() => undefined)
      const headers = { 'content-range': `bytes ${from}-${last}/${body.length}` }
      const bytes = new Uint8Array(body.subarray(Number(from), Number(last) + 1))
      return new Response(bytes, { status: 206, headers })
    },
  })
  const file = {
    committed: [],
    place: '',
    write: async () => undefined,
    commit: async () => undefined,
    close: async () => undefined,
  }
  const store = { begin: async () => file, chunksOf: async () => [] } as unknown as Store
  const tools = {
    net,
    hasher,
    store,
    reconstructions,
    connections: 2,
    online: async () => undefined,
  }
  const url = 'https://hub.example/x'
  const info = { url, content: 'x', size, xetHash: 'a'.repeat(64), fetchedAt: 0 }
  const stop = new AbortController()
  const wanted = { start: position, end: position + 1, inside: true }
  const running = new Download(tools, info, {
    wanted: () => [wanted],
    report: ({ proven }) => {
      if (new ByteSet(proven).covers(wanted)) stop.abort(new Error('enough'))
    },
  }).run(stop.signal)
  await expect(running).rejects.toThrow('enough')
  const block = position - (position % 2 ** 28)
  expect(asked[0]).toBe(`block ${block}`)
  expect(asked.filter((one) => one.startsWith('xorb'))).toEqual([
    'xorb 1008',
    'xorb 0',
    'xorb 3016',
  ])
  expect(asked.filter((one) => one.startsWith('another'))).toEqual([])
})

describe('a file that repeats chunks', async () => {
  const hasher = await createHasher()

  interface Chunk extends ChunkRow {
    readonly bytes: Uint8Array<ArrayBuffer>
    /** Its record in the stored object. */
    readonly stored: ByteRange
  }

  /** A storage with xorbs, and a file of some of their chunks. */
  interface World {
    readonly xorbs: ReadonlyMap<
      string,
      { readonly chunks: readonly Chunk[]; readonly body: Buffer }
    >
    readonly runs: readonly Run[]
    readonly bytes: Buffer
    readonly rows: readonly ChunkRow[]
  }

  /**
   * @param sizes of the chunks of each xorb
   * @param footer bytes after the records of a xorb, by its number of chunks
   */
  function worldOf(
    sizes: readonly (readonly number[])[],
    picks: readonly Pick[],
    footer: (chunks: number) => number,
  ): World {
    const xorbs: Map<string, { chunks: Chunk[]; body: Buffer }> = new Map()
    for (const [nth, lengths] of sizes.entries()) {
      let at = 0
      const chunks = lengths.map((length, index) => {
        const bytes = new Uint8Array(length).map(
          (_, each) => (each * 7 + index * 31 + nth * 101) % 256,
        )
        const stored = { start: at, end: at + 8 + length }
        at = stored.end
        return { bytes, length, hash: hasher.chunk(bytes), stored }
      })
      const records = chunks.flatMap(({ bytes, length }) => {
        const header = Buffer.alloc(8)
        header.writeUIntLE(length, 1, 3)
        header.writeUIntLE(length, 5, 3)
        return [header, bytes]
      })
      const body = Buffer.concat([...records, Buffer.alloc(footer(chunks.length))])
      xorbs.set(xorbHash(chunks, hasher), { chunks, body })
    }
    const names = [...xorbs.keys()]
    const terms = picks.map(([which, from, count]) => {
      const xorb = names[which % names.length]!
      const { length } = xorbs.get(xorb)!.chunks
      const start = from % length
      return { xorb, chunks: { start, end: Math.min(length, start + count) } }
    })
    const runs: Run[] = []
    const rows: Chunk[] = []
    let offset = 0
    for (const { xorb, chunks } of terms) {
      const used = xorbs.get(xorb)!.chunks.slice(chunks.start, chunks.end)
      const length = used.reduce((sum, chunk) => sum + chunk.length, 0)
      runs.push({ xorb, chunks, offset, length })
      rows.push(...used)
      offset += length
    }
    return { xorbs, runs, rows, bytes: Buffer.concat(rows.map(({ bytes }) => bytes)) }
  }

  /** Index of the xorb, first chunk, number of chunks. */
  type Pick = readonly [xorb: number, from: number, count: number]

  /** The reconstruction of a range: runs split at chunks, one range for each set of chunks. */
  function blockOf({ runs, xorbs }: World, range: ByteRange): Block {
    const cut = runs.flatMap((run): Run[] => {
      const { chunks } = xorbs.get(run.xorb)!
      const inside: { index: number; offset: number; length: number }[] = []
      let offset = run.offset
      for (let index = run.chunks.start; index < run.chunks.end; index += 1) {
        const { length } = chunks[index]!
        if (overlaps({ start: offset, end: offset + length }, range))
          inside.push({ index, offset, length })
        offset += length
      }
      const [first, last] = [inside[0], inside.at(-1)]
      if (first === undefined || last === undefined) return []
      const length = last.offset + last.length - first.offset
      const part = { start: first.index, end: last.index + 1 }
      return [{ xorb: run.xorb, chunks: part, offset: first.offset, length }]
    })
    const descriptors = new Map(
      cut.map(({ xorb, chunks }) => {
        const list = xorbs.get(xorb)!.chunks
        const bytes = {
          start: list[chunks.start]!.stored.start,
          end: list[chunks.end - 1]!.stored.end,
        }
        const url = `https://storage.example/${xorb}`
        return [`${xorb} ${chunks.start} ${chunks.end}`, { xorb, chunks, bytes, url }]
      }),
    )
    return {
      range,
      runs: cut,
      descriptors: [...descriptors.values()],
      fetchedAt: 0,
      deadline: null,
      skew: 0,
      generation: 1,
    }
  }

  interface Carried {
    readonly store: MemoryStore
    /** Ranges that were answered, by xorb. */
    readonly asked: readonly string[]
    readonly renewals: number
  }

  /**
   * @param held number of chunks per run that are committed before
   * @param failing requests by number that storage answers with 500
   */
  async function carry(
    world: World,
    held: ReadonlyMap<number, number>,
    failing: ReadonlySet<number>,
    firstPlan: (block: Block) => Block = (block) => block,
  ): Promise<Carried> {
    const asked: string[] = []
    let requests = 0
    let renewals = 0
    const net = netOf({
      retry: { ...defaultRetry, attempts: 5, delayMs: 1, maxDelayMs: 1 },
      fetch: async (url, init) => {
        requests += 1
        const nth = requests
        // Slow enough for the other requests to start.
        await new Promise((resolve) => setTimeout(resolve, nth % 3))
        if (failing.has(nth)) return new Response(null, { status: 500 })
        const [, start = '', last = ''] = /(\d+)-(\d+)/.exec(
          new Headers(init?.headers).get('range')!,
        )!
        const { pathname } = new URL(url)
        asked.push(`${pathname} ${start}-${last}`)
        const { body } = world.xorbs.get(pathname.slice(1))!
        const part = new Uint8Array(body.subarray(Number(start), Number(last) + 1))
        const range = `bytes ${start}-${last}/${body.length}`
        return new Response(part, { status: 206, headers: { 'content-range': range } })
      },
    })
    const xetHash = fileHash(world.rows, hasher)
    const url = 'https://hub.example/x'
    const info = { url, content: 'x', size: world.bytes.length, xetHash, fetchedAt: 0 }
    const store = new MemoryStore(hasher)
    const file = await store.begin('x', info.size)
    for (const [index, run] of world.runs.entries()) {
      const { start, end } = run.chunks
      const until = Math.min(end, start + (held.get(index) ?? 0))
      if (until === start) continue
      const rows = world.xorbs.get(run.xorb)!.chunks.slice(start, until)
      const known = { xorb: run.xorb, chunk: start, offset: run.offset, rows }
      const { start: from, end: to } = rangeOf(known)
      await file.write(from, new Uint8Array(world.bytes.subarray(from, to)))
      await file.commit(known)
    }
    await file.close()
    const reconstructions = {
      block: async (_: FileInfo, range: ByteRange) =>
        renewals === 0 ? firstPlan(blockOf(world, range)) : blockOf(world, range),
      renew: async (_: FileInfo, { range, generation }: Block) => {
        renewals += 1
        return { ...blockOf(world, range), generation: generation + 1 }
      },
      forget: async () => undefined,
      recorded: async () => [],
      doubted: new Set(),
    } as unknown as Reconstructions
    const tools = {
      net,
      hasher,
      store: store.asStore,
      reconstructions,
      connections: 4,
      online: async () => undefined,
    }
    const transfer = new Download(tools, info, { wanted: () => [], report: () => undefined })
    await transfer.run(new AbortController().signal)
    return { store, asked, renewals }
  }

  const picks = fc.array(fc.tuple(fc.nat(2), fc.nat(5), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 14,
  })
  const sizes = fc.array(
    fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )

  test('a file of any terms arrives completely, with committed chunks and failing storage, and no range is fetched twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        picks,
        fc.array(fc.tuple(fc.nat(13), fc.integer({ min: 1, max: 4 })), { maxLength: 6 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
        async (lengths, chosen, held, failing) => {
          const world = worldOf(lengths, chosen, (chunks) => 96 + 40 * chunks)
          const { store, asked } = await carry(world, new Map(held), new Set(failing))
          const file = store.files.get('x')!
          expect(file.proof).toBe('xet')
          expect(Buffer.compare(file.bytes, world.bytes)).toBe(0)
          expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted())
        },
      ),
      { numRuns: 150 },
    )
  })

  test.each([
    ['once', []],
    ['once, when storage fails in between', [1, 2, 3]],
  ])('a chunk that two parts of a file use is fetched %s', async (_, failing) => {
    const world = worldOf(
      [[50, 40, 30, 20, 10], [9]],
      [
        [0, 0, 2],
        [1, 0, 1],
        [0, 0, 5],
        [1, 0, 1],
      ],
      () => 0,
    )
    // The longest run is partly committed: the bytes before and after are requested separately.
    const { asked } = await carry(world, new Map([[2, 2]]), new Set(failing))
    const short = world.runs[1]!.xorb
    expect(asked.filter((each) => each.includes(short))).toHaveLength(1)
  })

  test('a plan whose lengths are shifted once costs one renewal and the affected pieces', async () => {
    const many = Array.from({ length: 40 }, (_, nth) => [40 + nth, 30, 20 + nth])
    const world = worldOf(
      many,
      many.map((_, nth): Pick => [nth, 0, 3]),
      (n) => 96 + 40 * n,
    )
    const shifted = (block: Block): Block => ({
      ...block,
      runs: block.runs.map((run, at) => {
        if (at < 7 || at > 9) return run
        const length = run.length + (at === 7 ? 5 : at === 9 ? -5 : 0)
        return { ...run, length, offset: run.offset + (at === 7 ? 0 : 5) }
      }),
    })
    const { store, asked, renewals } = await carry(world, new Map(), new Set(), shifted)
    expect(Buffer.compare(store.files.get('x')!.bytes, world.bytes)).toBe(0)
    expect(renewals).toBe(1)
    expect(asked.length).toBeLessThanOrEqual(40 * 1.2)
  })

  test('a file that uses the first chunk of a xorb arrives when the other chunks are as long as a footer', async () => {
    const world = worldOf([[10, 60, 60]], [[0, 0, 1]], () => 0)
    const { store, asked } = await carry(world, new Map(), new Set())
    expect(store.files.get('x')).toMatchObject({ proof: 'xet', bytes: new Uint8Array(world.bytes) })
    expect(asked).toHaveLength(2)
  })
})
