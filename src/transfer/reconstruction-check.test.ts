import { createHash } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { fileHash, hashToHex, rangeHash, xorbHash } from '../codec/xet-hash.ts'
import { systemClock } from '../core/async.ts'
import { startOrigin, type Origin } from '../hub/testing/startOrigin.ts'
import { writeShard } from '../hub/testing/writeShard.ts'
import type { Fetch } from '../net/attempt.ts'
import { ask } from './testing/ask.ts'
import { ReconstructionCheck } from './reconstruction-check.ts'
import { Reconstructions } from '../reconstruction/reconstructions.ts'
import type { Run } from '../reconstruction/record-store.ts'
import { respond } from './respond.ts'

const hasher = await createHasher()
const chunkLength = 65_536
const perXorb = 16
const length = perXorb * chunkLength

/** A xorb, as it is stored; by default of 1 MiB. */
function xorbOf(
  seed: number,
  chunkCount: number = perXorb,
): {
  readonly hash: string
  readonly bytes: Buffer
  readonly rows: readonly { readonly hash: Uint8Array<ArrayBuffer>; readonly length: number }[]
  readonly stored: Uint8Array<ArrayBuffer>
} {
  const chunks = Array.from({ length: chunkCount }, (_, nth) =>
    new Uint8Array(chunkLength).map((__, at) => (at * (seed + 3) + nth * 11 + (at >> 8)) ^ seed),
  )
  const rows = chunks.map((bytes) => ({ hash: hasher.chunk(bytes), length: bytes.length }))
  const records = chunks.flatMap((bytes) => {
    const header = Buffer.alloc(8)
    header.writeUIntLE(bytes.length, 1, 3)
    header.writeUIntLE(bytes.length, 5, 3)
    return [header, bytes]
  })
  const stored = new Uint8Array(Buffer.concat(records))
  return { hash: xorbHash(rows, hasher), bytes: Buffer.concat(chunks), rows, stored }
}

type Xorb = ReturnType<typeof xorbOf>

interface Term {
  readonly hash: string
}

/** A reconstruction in either version. */
interface Answer {
  terms: Term[]
}

/**
 * Changes a reconstruction.
 *
 * @param another that of another file
 * @param range of the request
 * @param nth number of the request, from 1
 */
type Lie = (answer: Answer, another: Answer, range: string, nth: number) => void

interface Trial extends Origin {
  readonly file: Buffer
  /** Ranges of the requests for reconstructions, in their order. */
  readonly reconstructions: readonly string[]
  /** Bytes of xorbs, relative to the file. */
  readonly traffic: () => number
}

const xorbs = [1, 2, 3, 4].map((seed) => xorbOf(seed))
const [first, second, , other] = xorbs as [Xorb, Xorb, Xorb, Xorb]
const threeXorbs = xorbs.slice(0, 3)
const otherXorbs = [other, ...xorbs.slice(1, 3)]
const file = Buffer.concat(threeXorbs.map(({ bytes }) => bytes))

/** The parts of a trial, with defaults. */
interface Setting {
  /** Xorbs of the file; those of another file of the same length. */
  readonly used?: readonly Xorb[]
  readonly others?: readonly Xorb[]
  /** Bytes of a presigned range. */
  readonly descriptorBytes?: number
  /** Holds back requests for xorbs. */
  readonly hold?: (url: string) => Promise<unknown>
  /** Answers the file's own URL once there are three reconstructions, as a fast line does. */
  readonly fast?: boolean
}

function hashOf(list: readonly Xorb[]): string {
  return fileHash(
    list.flatMap(({ rows }) => rows),
    hasher,
  )
}

function sha256Of(list: readonly Xorb[]): string {
  return createHash('sha256')
    .update(Buffer.concat(list.map(({ bytes }) => bytes)))
    .digest('hex')
}

/** A device, and a hub with a file of three xorbs of equal lengths, whose CAS lies. */
async function trial(lie: Lie, setting: Setting = {}): Promise<Trial> {
  const { descriptorBytes, hold } = setting
  const [used, others] = [setting.used ?? threeXorbs, setting.others ?? otherXorbs]
  const file = Buffer.concat(used.map(({ bytes }) => bytes))
  const xorbs = new Set([...used, ...others])
  const reconstructions: string[] = []
  const lying: Fetch = async (url, init) => {
    await hold?.(url)
    const isOwn = url.includes('/resolve/') && init?.method !== 'HEAD'
    if (
      setting.fast &&
      isOwn &&
      reconstructions.length > 2 &&
      !new Headers(init?.headers).has('accept')
    ) {
      const { ok, url: at } = await fetch(url, { ...init, method: 'HEAD', headers: {} })
      const headers = { 'content-length': String(file.length) }
      if (ok) return Object.defineProperty(new Response(file, { headers }), 'url', { value: at })
    }
    const answer = await fetch(url, init)
    if (!url.includes('/reconstructions/') || !answer.ok) return answer
    const range = new Headers(init?.headers).get('range') ?? ''
    const body = (await answer.json()) as Answer
    reconstructions.push(range)
    const nth = reconstructions.length
    const another = await fetch(url.replace(hashOf(used), hashOf(others)), init)
    lie(body, (await another.json()) as Answer, range, nth)
    return new Response(JSON.stringify(body), { headers: answer.headers })
  }
  const place = await startOrigin(systemClock, lying)
  const { hub } = place
  const auth = { headers: { authorization: 'Bearer hf_tester' } }
  const token = await hub.get('/api/models/me/vad/xet-write-token/main', auth)
  const { accessToken } = (await token.json()) as { accessToken: string }
  const post = async (path: string, body: BodyInit, bearer = accessToken): Promise<void> => {
    const headers = { authorization: `Bearer ${bearer}` }
    const { status } = await hub.get(path, { method: 'POST', headers, body })
    expect(status, path).toBe(200)
  }
  for (const { hash, stored } of xorbs) await post(`/v1/xorbs/default/${hash}`, stored)
  const shards = [used, others].map((list) => ({
    hash: hashOf(list),
    sha256: sha256Of(list),
    terms: list.map(({ hash, rows, bytes }) => ({
      xorb: hash,
      length: bytes.length,
      start: 0,
      end: rows.length,
      rangeHash: rangeHash(
        rows.map((row) => row.hash),
        hasher,
      ),
    })),
  }))
  const listed = [...xorbs].map(({ hash, rows }) => ({
    hash,
    chunks: rows.map((row) => ({ hash: hashToHex(row.hash), length: row.length })),
  }))
  await post('/v1/shards', writeShard({ files: shards, xorbs: listed }))
  const value = { path: 'three.bin', algo: 'sha256', oid: sha256Of(used), size: file.length }
  const line = JSON.stringify({ key: 'lfsFile', value })
  await post('/api/models/me/vad/commit/main', line, 'hf_tester')
  hub.hub.log.clear()
  if (descriptorBytes !== undefined) hub.hub.configure({ descriptorBytes })
  const traffic = (): number =>
    hub.hub.log.entries
      .filter(({ kind }) => kind === 'xorb')
      .reduce((sum, { bytes }) => sum + bytes, 0) / file.length
  return {
    ...place,
    url: `${hub.url}/me/vad/resolve/main/three.bin`,
    file,
    reconstructions,
    traffic,
  }
}

/** Two xorbs of equal length in swapped places: all hashes of chunks and xorbs match. */
function swap(answer: Answer): void {
  const names = new Map([
    [first.hash, second.hash],
    [second.hash, first.hash],
  ])
  answer.terms = answer.terms.map((term) => ({ ...term, hash: names.get(term.hash) ?? term.hash }))
}

/** The terms of another file of the same length. */
function mistake(answer: Answer, another: Answer): void {
  Object.assign(answer, another)
}

type Trick = (answer: Answer, another: Answer) => void
const tricks: [string, Trick][] = [
  ['two xorbs in swapped places', swap],
  ["another file's terms", mistake],
]
const once =
  (trick: Trick): Lie =>
  (answer, another, _, nth) => {
    if (nth === 1) trick(answer, another)
  }
const wholeRange = `bytes=0-${file.length - 1}`
const forOneRange =
  (trick: Trick): Lie =>
  (answer, another, range) => {
    if (range === wholeRange) trick(answer, another)
  }
const always =
  (trick: Trick): Lie =>
  (answer, another) =>
    trick(answer, another)

describe.each(tricks)('a reconstruction with %s, whose xorbs all match', (_, trick) => {
  test.each([
    ['the first time', once(trick)],
    ['for one range', forOneRange(trick)],
  ])(
    '%s, is replaced: the device gets the right file, and right xorbs only once',
    async (__, lie) => {
      const { engine, url, store, traffic, events } = await trial(lie)
      const here = engine()
      const found = await here.info(url, {})
      if (!('info' in found)) throw new Error('The hub refused the file.')
      const whole = { start: 0, end: file.length }
      const demand = await here.demand(found.info, whole, { onDevice: true })
      await vi.waitFor(() => expect([...store.files.values()][0]?.proof).toBe('xet'), 15_000)
      demand.release()
      expect(Buffer.compare([...store.files.values()][0]!.bytes, file)).toBe(0)
      expect(traffic()).toBeLessThan(trick === swap ? 1.05 : 1.4)
      expect(events.filter(({ name }) => name === 'fault')).toEqual([])
    },
  )

  test('never ends a body with its bytes, and the next request gets the right ones', async () => {
    const { engine, url, traffic } = await trial(once(trick))
    const here = engine()
    const first = await ask(here, url)
    const got = await first.bytes().catch((error: unknown) => error)
    // Bytes that were delivered cannot be taken back.
    if (got instanceof Uint8Array) expect(Buffer.compare(got, file)).toBe(0)
    else expect(got).toMatchObject({ code: 'integrity', retryable: true })
    const again = await ask(here, url)
    expect(Buffer.compare(await again.bytes(), file)).toBe(0)
    expect(traffic()).toBeLessThan(1.8)
  })

  test.each([
    ['the first time', once(trick)],
    ['for one range', forOneRange(trick)],
  ])('%s, does not get into a range inside the file', async (__, lie) => {
    const { engine, url } = await trial(lie)
    const [start, end] = [length / 2, length / 2 + 5000]
    const answer = await ask(engine(), url, { range: `bytes=${start}-${end - 1}` })
    expect(Buffer.compare(await answer.bytes(), file.subarray(start, end))).toBe(0)
  })

  test('every second time, does not get into a range inside the file', async () => {
    const { engine, url } = await trial((answer, another, __, nth) => {
      if (nth % 2 === 1) trick(answer, another)
    })
    const headers = new Headers({ range: 'bytes=1000-1999' })
    const answer = await respond(
      engine(),
      { url, method: 'GET', headers },
      { rangeFirstByteMs: 1000 },
    )
    const got = answer && Buffer.from(await answer.bytes())
    if (got) expect(Buffer.compare(got, file.subarray(1000, 2000))).toBe(0)
  })

  test('always, costs the CAS its part: the file comes from its own URL, and the SHA-256 proves it', async () => {
    const { engine, url, store } = await trial(always(trick))
    const here = engine()
    await (await ask(here, url)).bytes().catch(() => undefined)
    const again = await ask(here, url)
    expect(Buffer.compare(await again.bytes(), file)).toBe(0)
    await vi.waitFor(() => expect([...store.files.values()][0]?.proof).toBe('sha256'), 15_000)
  })
})

describe('bytes that a reader has and that a new reconstruction moves', () => {
  test.each([
    ['the whole file', {}, 0],
    ['a range to its end', { range: `bytes=${2 * length}-` }, 2 * length],
  ])('end its body with an error: %s', async (_, headers, start) => {
    // The last run of the right reconstruction begins before the bytes that the wrong one delivered.
    const [a, large] = [5, 6].map((seed) => xorbOf(seed, 2 * perXorb)) as [Xorb, Xorb]
    const [b, c] = [first, second]
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const { engine, url } = await trial(once(mistake), {
      used: [a, large],
      others: [a, b, c],
      descriptorBytes: 100_000_000,
      hold: async (asked) => (asked.includes(c.hash) ? await held : undefined),
    })
    const reader = (await ask(engine(), url, headers)).body!.getReader()
    for (let at = start; at < 3 * length;) at += (await reader.read()).value?.length ?? Infinity
    release()
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'integrity' })
  })
})

test('a body that was paused under a wrong reconstruction ends with an error, when the device was emptied meanwhile', async () => {
  const [large, end] = [5, 6].map((seed) => xorbOf(seed, 2 * perXorb)) as [Xorb, Xorb]
  const [b, c] = [first, second]
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const recorded = vi.spyOn(Reconstructions.prototype, 'recorded')
  onTestFinished(() => recorded.mockRestore())
  const { engine, url, store } = await trial(once(mistake), {
    used: [large, end],
    others: [large, b, c],
    hold: async (asked) => (asked.includes(c.hash) ? await held : undefined),
  })
  const here = engine()
  const request = { url, method: 'GET', headers: new Headers() }
  const reader = (await respond(here, request, { unreadMs: 50 }))!.body!.getReader()
  for (let at = 0; at < 3 * length;) at += (await reader.read()).value?.length ?? Infinity
  await vi.waitFor(() => expect(here.busy).toBe(false))
  const [reconstructions] = recorded.mock.contexts as Reconstructions[]
  await reconstructions!.forget([...store.files.keys()][0]!)
  store.files.clear()
  release()
  const rest = async (): Promise<void> => {
    while (!(await reader.read()).done);
  }
  await expect(rest()).rejects.toMatchObject({ code: 'integrity' })
})

describe('a doubt about the reconstructions of a file', () => {
  test('lasts longer than the load that found it, and recorded reconstructions count', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let later = false
    const lie: Lie = (answer, another, range, nth) => {
      if (later ? /=[01]-31457/.test(range) : nth === 1) mistake(answer, another)
      // Only the halves that were asked for after the contradiction are recorded.
      else if (!later && nth > 4) throw new TypeError('network')
    }
    const { engine, url, reconstructions } = await trial(lie, {
      hold: async (asked) => (xorbs.some(({ hash }) => asked.includes(hash)) ? await held : {}),
    })
    const here = engine()
    const found = await here.info(url, {})
    if (!('info' in found)) throw new Error('The hub refused the file.')
    const demand = await here.demand(found.info, { start: 1000, end: 2000 }, {})
    await vi.waitFor(() => expect(reconstructions.length).toBeGreaterThan(4))
    demand.release()
    later = true
    release()
    const headers = new Headers({ range: 'bytes=1000-1999' })
    const request = { url, method: 'GET', headers }
    const answer = await respond(here, request, { rangeFirstByteMs: 400 })
    const got = answer && Buffer.from(await answer.bytes())
    if (got) expect(Buffer.compare(got, file.subarray(1000, 2000))).toBe(0)
  })
})

test('bytes of a wrong reconstruction that another realm has delivered end its body with an error, also when the file is whole at once', async () => {
  const [a, b, c, large] = [16, 12, 12, 24].map((count, at) => xorbOf(at + 7, count)) as [
    Xorb,
    Xorb,
    Xorb,
    Xorb,
  ]
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const { engine, url } = await trial(always(mistake), {
    used: [a, large],
    others: [a, b, c],
    fast: true,
    hold: async (asked) => (asked.includes(c.hash) ? await held : undefined),
  })
  const [fetching, reading] = [engine(), engine()]
  const found = await fetching.info(url, {})
  if (!('info' in found)) throw new Error('The hub refused the file.')
  const whole = { start: 0, end: found.info.size }
  await fetching.demand(found.info, whole, { onDevice: true })
  const reader = (await ask(reading, url)).body!.getReader()
  for (let at = 0; at < 28 * chunkLength;) at += (await reader.read()).value?.length ?? Infinity
  await new Promise((resolve) => setTimeout(resolve, 120))
  release()
  const rest = async (): Promise<void> => {
    while (!(await reader.read()).done);
  }
  // The bytes may be removed before the reader has heard why.
  const code: unknown = expect.stringMatching(/^(?:integrity|storage)$/)
  await expect(rest()).rejects.toMatchObject({ code })
})

describe('calls for reconstructions', () => {
  test.each([
    ['a whole file', [undefined], 1],
    ['one range', ['bytes=1000-1999'], 2],
    ['one range from the first byte', ['bytes=0-999'], 2],
    ['the end of a file', ['bytes=-1000'], 1],
    [
      'twenty ranges',
      Array.from({ length: 20 }, (_, nth) => `bytes=${nth * 1e5}-${nth * 1e5 + 99}`),
      2,
    ],
  ] as const)('of a file that is not on the device: %s', async (_, ranges, calls) => {
    const { engine, url, reconstructions } = await trial(() => undefined)
    const here = engine()
    for (const range of ranges) {
      const answer = await ask(here, url, range === undefined ? {} : { range })
      const [, from = 0, to = file.length - 1] = /=(\d+)-(\d+)/.exec(range ?? '')?.map(Number) ?? []
      const wanted = range === 'bytes=-1000' ? file.subarray(-1000) : file.subarray(from, to + 1)
      expect(Buffer.compare(await answer.bytes(), wanted)).toBe(0)
    }
    expect(reconstructions).toHaveLength(calls)
  })
})

describe('ReconstructionCheck', () => {
  const run = (nth: number, offset: number, chunks: [number, number] = [0, perXorb]): Run => ({
    xorb: xorbs[nth]!.hash,
    chunks: { start: chunks[0], end: chunks[1] },
    offset,
    length: (chunks[1] - chunks[0]) * chunkLength,
  })
  const whole = {
    range: { start: 0, end: 3 * length },
    runs: [run(0, 0), run(1, length), run(2, 2 * length)],
  }
  const less = { ...whole, range: { start: 1, end: 3 * length } }
  const rows = new Map(first.rows.map((row, at) => [at, row]))
  const held = { xorb: first.hash, chunk: 4, offset: 4 * chunkLength, rows: first.rows.slice(4, 8) }
  const there = [{ start: 4 * chunkLength, end: 8 * chunkLength }]

  test('bytes are agreed when two ranges name their place, and not by one answer that came twice', () => {
    const check = new ReconstructionCheck()
    check.add(whole)
    check.add(whole)
    expect(check.agreed(held, rows)).toEqual([])
    check.add(less)
    expect(check.agreed(held, rows)).toEqual(there)
  })

  test('the same file may be divided in another way', () => {
    const check = new ReconstructionCheck()
    expect(check.add(whole)).toBe(true)
    const [start, end] = [6 * chunkLength + 9, length + 5]
    const runs = [run(0, 6 * chunkLength, [6, perXorb]), run(1, length, [0, 1])]
    expect(check.add({ range: { start, end }, runs })).toBe(true)
    expect(check.agreed(held, rows)).toEqual([{ start: 6 * chunkLength, end: 8 * chunkLength }])
  })

  test.each([
    ['two xorbs in swapped places', [run(1, 0), run(0, length), run(2, 2 * length)]],
    ['another xorb', [run(3, 0), run(1, length), run(2, 2 * length)]],
    ['other chunks of a xorb', [run(0, 0, [0, 8]), run(0, length / 2, [0, 8]), run(1, length)]],
    ['chunks that begin elsewhere', [run(0, chunkLength, [0, 15]), run(1, length)]],
  ])(
    '%s are a contradiction, and nothing there is agreed on, by any number of others',
    (_, runs) => {
      const check = new ReconstructionCheck()
      check.add(whole)
      check.add(less)
      const range = { start: 0, end: 2 * length }
      expect(check.add({ range, runs })).toBe(false)
      expect(check.agreed({ ...held, chunk: 8, offset: 8 * chunkLength }, rows)).toEqual([])
    },
  )

  test('a range that is known is not asked for again, although its reconstruction was recorded before the others', () => {
    const check = new ReconstructionCheck()
    check.doubt()
    check.add(whole)
    check.add({ ...whole, range: { start: 1, end: 3 * length - 1 } })
    expect(check.next(5, 3 * length)).toEqual(less.range)
    check.add(less)
    expect(check.agreed(held, rows)).toEqual(there)
  })

  test('after a contradiction three have to agree, by ranges that differ', () => {
    const check = new ReconstructionCheck()
    check.replace([whole])
    const asked = [whole.range]
    for (const times of [1, 2]) {
      expect(check.agreed(held, rows), `named ${times} times`).toEqual([])
      const range = check.next(5, 3 * length)!
      asked.push(range)
      check.add({ ...whole, range })
    }
    expect(check.agreed(held, rows)).toEqual(there)
    expect(check.next(5, 3 * length)).toBeUndefined()
    expect(new Set(asked.map(({ start, end }) => `${start} ${end}`)).size).toBe(3)
  })
})
