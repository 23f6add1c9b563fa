// The CAS endpoints: reconstructions, file sizes and shards, for callers with a CAS token. Below, reconstructions are
// composed and signed: which chunks of which xorbs form a range of a file, and which ranges are signed for them.
import { hashed, headOnly } from './access.ts'
import { casToken } from './hub-api.ts'
import { longJsonAnswer, pacer, sorted } from './pacing.ts'
import { parseRanges } from './ranges.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, type HubEnv, type HubRequest } from './routing.ts'
import { parseShard } from './shard.ts'
import { checkShard } from './shard-check.ts'
import { signUrl } from './signing.ts'
import { receive } from './storage/folder.ts'
import { readFile, rm } from 'node:fs/promises'
import type { StoredFile, StoredTerm, StoredXorb } from './content.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hono } from 'hono/tiny'
import type { ByteRange } from '../core/index.ts'

/** Serves files by hash to callers whose token gives access. */
export function casRoutes(app: Hono<HubEnv>): void {
  const reading = casToken('read')
  for (const version of [1, 2] as const) {
    const path = `/v${version}/reconstructions/:hash`
    app.get(path, as('reconstruction'), hashed, existing(version), reading, (c) =>
      getReconstruction(c, version),
    )
  }
  app.get('/v1/files/:hash', as('file'), headOnly, hashed, reading, async (c) => {
    const { size } = await findFile(c)
    return new Response(null, { headers: { 'content-length': String(size) } })
  })
  app.post('/v1/shards', as('shard'), casToken('write'), putShard)
  // Clients that know version 2 fall back to 1 on this.
  app.post('/v2/shards', as('shard'), () => jsonAnswer({ error: 'Use v1/shards.' }, 404))
}

function existing(version: 1 | 2): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const { reconstruction, absentStatus } = c.env.hub.settings
    if (reconstruction !== 'both' && reconstruction !== `v${version}`) {
      throw new HubRefusal(absentStatus, `This CAS has no reconstruction API v${version}.`)
    }
    await next()
  }
}

/** Returns the xorb ranges of a file, or of the part in the request's `Range`. */
async function getReconstruction(c: HubRequest, version: 1 | 2): Promise<Response> {
  const { hub } = c.env
  const { settings } = hub
  const request = c.req.raw
  const file = await findFile(c)
  const ranges = parseRanges(request.headers.get('range'), file.size)
  if (ranges === 'none') {
    throw new HubRefusal(416, `The file has ${file.size} bytes.`, undefined, {
      'content-range': `bytes */${file.size}`,
    })
  }
  const range = ranges === 'all' ? { start: 0, end: file.size } : ranges[0]!
  const unsigned = await unsignedReconstruction(
    file,
    range,
    (xorb) => hub.xorbs.get(xorb)!,
    settings.descriptorBytes,
  )
  const expires = hub.clock.now() + settings.urlLifetimeMs
  const origin = hub.storageOrigin(request)
  const entries = signReconstruction(unsigned, settings.multirange, (xorb, signed) => {
    const path = `/xorbs/default/${xorb}`
    return signUrl(hub.secrets, { origin, path, method: 'GET', ranges: signed, expires })
  })
  return longJsonAnswer(writeReconstruction(unsigned, entries, version))
}

/**
 * The file of a CAS request, if the repository of its token contains it or got it uploaded. An absent file and a file
 * of another repository have the same refusal.
 */
async function findFile(c: HubRequest): Promise<StoredFile> {
  const { hub } = c.env
  const { repo } = c.var.token
  const hash = c.req.param('hash')!
  const file = (await hub.visibility.holds(repo, 'file', hash))
    ? await hub.objects.file(hash)
    : undefined
  if (file === undefined) throw new HubRefusal(404, `${repo} holds no file with the hash ${hash}.`)
  return file
}

const LARGEST_SHARD = 64 * 1024 * 1024

/** Accepts a shard. It is checked completely before any part of it is stored. */
async function putShard(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, uploader } = c.var.token
  const shard = await parseShard(await readShard(c))
  const files = await checkShard(
    hub,
    shard,
    async (xorb) =>
      (await hub.visibility.toRepo(repo, 'xorb', xorb)) ||
      (uploader !== undefined && (await hub.visibility.had(uploader, xorb))),
  )
  for (const file of files) {
    await hub.objects.putFile(file)
    await hub.visibility.uploaded(repo, 'file', file.hash)
    if (file.sha256 !== undefined) await hub.visibility.uploaded(repo, 'large', file.sha256)
  }
  return jsonAnswer({ result: 1 })
}

/** Through a file, so that slow or concurrent uploads are not held in memory. */
async function readShard(c: HubRequest): Promise<Uint8Array> {
  const { path } = await receive(c.req.raw.body, c.env.hub.folder, LARGEST_SHARD)
  try {
    return await readFile(path)
  } finally {
    await rm(path, { force: true })
  }
}

/**
 * Finds the chunks that hold a range of a file, widened to whole chunks.
 *
 * @param file its terms
 * @param range bytes of the file, not empty, within it
 * @param xorb returns a xorb; those of all terms exist
 * @param descriptorBytes maximum bytes of one range; a longer run is split into several terms, at chunk boundaries
 * @see Xet protocol, section on the reconstruction API
 */
export async function unsignedReconstruction(
  file: StoredFile,
  range: ByteRange,
  xorb: (hash: string) => StoredXorb,
  descriptorBytes: number,
): Promise<UnsignedReconstruction> {
  const pause = pacer()
  const { offset, terms: whole } = await narrow(file.terms, range, xorb)
  const terms: StoredTerm[] = []
  for (const term of whole) {
    if (pause.due()) await pause.now()
    terms.push(...cut(term, xorb(term.xorb), descriptorBytes))
  }
  const runs = new Map<string, StoredTerm[]>()
  for (const term of terms) {
    if (pause.due()) await pause.now()
    const of = runs.get(term.xorb)
    if (of === undefined) runs.set(term.xorb, [term])
    else of.push(term)
  }
  const touching = descriptorBytes === Number.POSITIVE_INFINITY
  const ranges = new Map<string, UnsignedRange[]>()
  for (const [hash, of] of runs) {
    const unsigned: UnsignedRange[] = []
    for (const chunks of await merge(of, touching)) {
      if (pause.due()) await pause.now()
      unsigned.push({ chunks, bytes: bytesOf(chunks, xorb(hash)) })
    }
    ranges.set(hash, unsigned)
  }
  return { offset, terms, ranges }
}

async function narrow(
  terms: readonly StoredTerm[],
  range: ByteRange,
  xorb: (hash: string) => StoredXorb,
): Promise<{ offset: number; terms: StoredTerm[] }> {
  const pause = pacer()
  const kept: StoredTerm[] = []
  let at = 0
  let begin: number | undefined
  for (const term of terms) {
    if (pause.due()) await pause.now()
    const next = at + term.length
    if (next > range.start && at < range.end) {
      const { chunks } = xorb(term.xorb)
      let { start, end, length } = term
      let first = at
      for (; first + chunks[start]!.length <= range.start; start++) {
        first += chunks[start]!.length
        length -= chunks[start]!.length
      }
      for (; first + length - chunks[end - 1]!.length >= range.end; end--) {
        length -= chunks[end - 1]!.length
      }
      begin ??= first
      kept.push({ xorb: term.xorb, start, end, length })
    }
    at = next
  }
  return { offset: range.start - (begin ?? range.start), terms: kept }
}

function cut(term: StoredTerm, { chunks }: StoredXorb, most: number): StoredTerm[] {
  const pieces: StoredTerm[] = []
  let start = term.start
  let stored = 0
  let length = 0
  for (let index = term.start; index < term.end; index++) {
    const chunk = chunks[index]!
    if (index > start && stored + chunk.stored > most) {
      pieces.push({ xorb: term.xorb, start, end: index, length })
      start = index
      stored = 0
      length = 0
    }
    stored += chunk.stored
    length += chunk.length
  }
  return [...pieces, { xorb: term.xorb, start, end: term.end, length }]
}

const LONG = 2000

const byStart = (a: ByteRange, b: ByteRange): number => a.start - b.start || a.end - b.end

/** Merges overlapping runs, and adjacent ones too, unless ranges must stay small. */
async function merge(runs: readonly ByteRange[], touching: boolean): Promise<ByteRange[]> {
  const pause = pacer()
  const merged: ByteRange[] = []
  // Most xorbs have few runs, and sorting in slices takes a turn of the event loop at least.
  const ordered = runs.length > LONG ? await sorted(runs, byStart) : runs.toSorted(byStart)
  for (const { start, end } of ordered) {
    if (pause.due()) await pause.now()
    const last = merged.at(-1)
    if (last !== undefined && (start < last.end || (touching && start === last.end))) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) }
    } else {
      merged.push({ start, end })
    }
  }
  return merged
}

function bytesOf({ start, end }: ByteRange, { chunks }: StoredXorb): ByteRange {
  const last = chunks[end - 1]!
  return { start: chunks[start]!.offset, end: last.offset + last.stored }
}

/** Keeps URLs below the lengths that proxies refuse. */
const MOST_RANGES_PER_URL = 400

/**
 * Signs the ranges of a reconstruction, when they are read.
 *
 * @param unsigned from `unsignedReconstruction`
 * @param multirange whether a URL may be signed for several ranges
 * @param sign makes a URL for ranges of a xorb
 */
function signReconstruction(
  unsigned: UnsignedReconstruction,
  multirange: boolean,
  sign: (xorb: string, ranges: readonly ByteRange[]) => string,
): SignedEntries {
  const most = multirange ? MOST_RANGES_PER_URL : 1
  return new Map(
    [...unsigned.ranges].map(([xorb, ranges]) => [xorb, () => entriesOf(xorb, ranges)]),
  )

  function* entriesOf(
    xorb: string,
    ranges: readonly UnsignedRange[],
  ): Generator<SignedEntry, void> {
    for (let at = 0; at < ranges.length; at += most) {
      const some = ranges.slice(at, at + most)
      yield {
        url: sign(
          xorb,
          some.map((range) => range.bytes),
        ),
        ranges: some,
      }
    }
  }
}

/**
 * A reconstruction in its wire format: chunk ranges with exclusive, byte ranges with inclusive end.
 *
 * @param unsigned its terms
 * @param entries the signed URLs for it
 * @param version of the API: 1 has one flat item per range under `fetch_info`, 2 groups them under `xorbs`
 * @returns lists in it are generators: a file may have a hundred thousand terms
 * @see Xet protocol, section on the reconstruction API
 */
function writeReconstruction(
  unsigned: UnsignedReconstruction,
  entries: SignedEntries,
  version: 1 | 2,
): object {
  const lists = Object.fromEntries(
    [...entries].map(([xorb, signed]) => [
      xorb,
      version === 1 ? flat(signed()) : grouped(signed()),
    ]),
  )
  return {
    offset_into_first_range: unsigned.offset,
    terms: termsOf(unsigned),
    [version === 1 ? 'fetch_info' : 'xorbs']: lists,
  }
}

function* termsOf({ terms }: UnsignedReconstruction): Generator<object, void> {
  for (const { xorb, start, end, length } of terms) {
    yield { hash: xorb, unpacked_length: length, range: { start, end } }
  }
}

function* flat(entries: Iterable<SignedEntry>): Generator<object, void> {
  for (const { url, ranges } of entries) {
    for (const { chunks, bytes } of ranges) {
      yield { range: chunks, url, url_range: inclusive(bytes) }
    }
  }
}

function* grouped(entries: Iterable<SignedEntry>): Generator<object, void> {
  for (const { url, ranges } of entries) {
    yield { url, ranges: ranges.map(({ chunks, bytes }) => ({ chunks, bytes: inclusive(bytes) })) }
  }
}

function inclusive({ start, end }: ByteRange): ByteRange {
  return { start, end: end - 1 }
}

/** A run of chunks of a xorb with its bytes there. */
export interface UnsignedRange {
  readonly chunks: ByteRange
  readonly bytes: ByteRange
}

/** The ranges to fetch for a range of a file, before they are signed. */
export interface UnsignedReconstruction {
  /** Unpacked bytes of the first term that lie before the range. */
  readonly offset: number
  readonly terms: readonly StoredTerm[]
  /** By xorb, ascending; each term lies within one of them. */
  readonly ranges: ReadonlyMap<string, readonly UnsignedRange[]>
}

/** Presigned URLs by xorb, each with what may be asked for under it. */
export type SignedEntries = ReadonlyMap<string, () => Iterable<SignedEntry>>

interface SignedEntry {
  readonly url: string
  readonly ranges: readonly UnsignedRange[]
}
