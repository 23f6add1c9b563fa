// Xorbs: uploads, dedupe queries, and their bytes in presigned storage.

import {
  type ChunkRow,
  decodeChunkPayload,
  decodeChunkRecord,
  type Hasher,
  hashToHex,
  parseChunkHeader,
  xorbHash,
} from '../codec/index.ts'
import { hashed, headOnly, presigned } from './access.ts'
import { casToken } from './hub-api.ts'
import { multipartAnswer, rangedAnswer, signedRanges } from './ranges.ts'
import { damagedRefusal, HubRefusal, jsonAnswer, storageRefusal } from './refusals.ts'
import { as, type HubEnv, type HubRequest } from './routing.ts'
import { MOST_CHUNKS, serializeShard } from './shard.ts'
import { receive } from './storage/folder.ts'
import { createHmac } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { HubContext } from './context.ts'
import type { StoredChunk, StoredFile, StoredXorb, Xorbs } from './content.ts'
import type { ByteRange } from '../core/index.ts'
import type { Hono } from 'hono/tiny'

/** Accepts and describes xorbs for CAS tokens, and serves their bytes to presigned URLs. */
export function xorbRoutes(app: Hono<HubEnv>): void {
  const upload = '/v1/xorbs/:prefix/:hash'
  app.get(upload, as('xorb-upload'), headOnly, hashed, casToken('read'), describeXorb)
  app.post(upload, as('xorb-upload'), hashed, casToken('write'), putXorb)
  app.get('/v1/chunks/:prefix/:hash', as('chunk'), hashed, casToken('read'), findChunk)
  app.get('/xorbs/:prefix/:hash', as('xorb'), hashed, presigned, serveXorb)
}

/** Returns the length of a stored xorb in `Content-Length`. */
async function describeXorb(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const hash = c.req.param('hash')!
  const known = await hub.visibility.toRepo(c.var.token.repo, 'xorb', hash)
  const xorb = known ? hub.xorbs.get(hash) : undefined
  if (xorb === undefined) throw new HubRefusal(404, `No xorb has the hash ${hash}.`)
  return new Response(null, { headers: { 'content-length': String(xorb.bytes) } })
}

const LARGEST_XORB = 64 * 1024 * 1024
/** 8192 hashes and twice as many offsets, with some margin. */
const LARGEST_FOOTER = 512 * 1024

/** Accepts a xorb: it is streamed to disk, every record is decoded and its hash compared, and only then is it stored. */
async function putXorb(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const hash = c.req.param('hash')!
  const limit = LARGEST_XORB + LARGEST_FOOTER
  const upload = await receive(c.req.raw.body, hub.folder, limit)
  try {
    const chunks = await checkXorb(upload.path, hash, hub.hasher)
    const inserted = await hub.xorbs.put(hash, upload.path, chunks)
    const { repo, uploader } = c.var.token
    await hub.visibility.uploaded(repo, 'xorb', hash)
    if (uploader !== undefined) await hub.visibility.uploadedBy(uploader, hash)
    return jsonAnswer({ was_inserted: inserted })
  } finally {
    await rm(upload.path, { force: true })
  }
}

const HEADER = 8
const LONGEST_RECORD = HEADER + 262_144
const FOOTER_TAG = new TextEncoder().encode('XETBLOB')

/**
 * Decodes every record of an uploaded xorb and compares its hash. A footer after the records is ignored, because some
 * writers add one.
 *
 * @param path of the upload
 * @param hash hash from the client
 * @param hasher from `createHasher`
 * @returns its chunks
 * @throws HubRefusal 400 that says which record is wrong
 */
async function checkXorb(path: string, hash: string, hasher: Hasher): Promise<StoredChunk[]> {
  const chunks: StoredChunk[] = []
  const rows: ChunkRow[] = []
  const file = await open(path, 'r')
  try {
    const buffer = new Uint8Array(LONGEST_RECORD)
    for (let offset = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, LONGEST_RECORD, offset)
      const ahead = buffer.subarray(0, bytesRead)
      if (bytesRead === 0 || isFooter(ahead)) break
      if (chunks.length === MOST_CHUNKS) {
        throw new HubRefusal(400, `A xorb may have at most ${MOST_CHUNKS} chunks.`)
      }
      const { stored, bytes } = unpack(ahead, chunks.length)
      const row = { hash: hasher.chunk(bytes), length: bytes.byteLength }
      rows.push(row)
      chunks.push({ hash: hashToHex(row.hash), offset, stored, length: row.length })
      offset += stored
    }
  } finally {
    await file.close()
  }
  const actual = xorbHash(rows, hasher)
  if (chunks.length === 0) throw new HubRefusal(400, 'The xorb holds no chunk.')
  if (actual !== hash) {
    throw new HubRefusal(
      400,
      `The xorb was announced as ${hash}, but its chunks do not hash to that.`,
    )
  }
  return chunks
}

function unpack(ahead: Uint8Array, index: number): { stored: number; bytes: Uint8Array } {
  try {
    const header = parseChunkHeader(ahead)
    const stored = HEADER + header.storedLength
    if (stored > ahead.byteLength) {
      throw new HubRefusal(400, `it needs ${stored} bytes, but only ${ahead.byteLength} are left.`)
    }
    return { stored, bytes: decodeChunkPayload(header, ahead.subarray(HEADER, stored)) }
  } catch (error) {
    // The text after the first sentence is advice for downloads.
    const [why] = (error as Error).message.split(/\.(?: |$)/, 1)
    throw new HubRefusal(400, `Record ${index} of the xorb is refused: ${why}.`)
  }
}

function isFooter(bytes: Uint8Array): boolean {
  return FOOTER_TAG.every((byte, index) => bytes[index] === byte)
}

/** About 50 bytes of shard each. */
const MOST_CHUNKS_OF_XORB = 1 << 15
const LIFETIME_SECONDS = 7 * 24 * 3600
const REUSE_SECONDS = 60
const MOST_ANSWERS = 8

/**
 * Answers a dedupe query with a shard. It lists the first stored xorb with the chunk, and the other xorbs of the
 * repository, oldest first: a client takes each chunk from the first xorb that has it. Xorbs that neither the
 * repository nor a public one contains count as missing.
 */
async function findChunk(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo } = c.var.token
  const hash = c.req.param('hash')!
  const holder = hub.xorbs.holding(hash)
  const listed = new Map<string, StoredXorb>()
  if (holder !== undefined && (await hub.visibility.toRepo(repo, 'xorb', holder.hash))) {
    listed.set(holder.hash, holder)
  }
  if (hub.settings.dedupeHints) {
    let chunks = listed.get(holder?.hash ?? '')?.chunks.length ?? 0
    for (const xorb of await hub.visibility.xorbs(repo)) {
      const stored = hub.xorbs.get(xorb)
      if (stored === undefined || listed.has(xorb) || !hub.xorbs.isIntact(xorb)) continue
      chunks += stored.chunks.length
      if (chunks > MOST_CHUNKS_OF_XORB) break
      listed.set(xorb, stored)
    }
  }
  if (listed.size === 0) throw new HubRefusal(404, `No xorb holds the chunk ${hash}.`)
  const xorbs = [...listed.values()].toSorted((a, b) => a.sequence - b.sequence)
  return new Response(await dedupeShard(hub, xorbs), {
    headers: { 'content-type': 'application/octet-stream' },
  })
}

const answers = new WeakMap<
  HubContext,
  Map<string, { at: number; shard: Promise<Uint8Array<ArrayBuffer>> }>
>()

/** One response for equal queries within a minute: keying the hash of every chunk is expensive. */
function dedupeShard(
  hub: HubContext,
  xorbs: readonly StoredXorb[],
): Promise<Uint8Array<ArrayBuffer>> {
  const known = answers.get(hub) ?? new Map<string, never>()
  answers.set(hub, known)
  const now = Math.floor(hub.clock.now() / 1000)
  const name = xorbs.map(({ hash }) => hash).join()
  const held = known.get(name)
  if (held !== undefined && now - held.at < REUSE_SECONDS) return held.shard
  const key = createHmac('sha256', hub.secrets.key).update('chunks').digest()
  const shard = serializeShard(xorbs, Uint8Array.from(key), now, LIFETIME_SECONDS)
  known.delete(name)
  known.set(name, { at: now, shard })
  if (known.size > MOST_ANSWERS) known.delete(known.keys().next().value!)
  return shard
}

/**
 * The bytes of a stored file, chunk by chunk.
 *
 * @param xorbs xorbs of its chunks
 * @param file its terms
 * @param range bytes of the file
 */
export async function* readFileBytes(
  xorbs: Xorbs,
  file: StoredFile,
  range: ByteRange,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let at = 0
  for (const term of file.terms) {
    if (at + term.length <= range.start) {
      at += term.length
      continue
    }
    for (const chunk of xorbs.get(term.xorb)!.chunks.slice(term.start, term.end)) {
      if (at >= range.end) return
      if (at + chunk.length > range.start) {
        const place = { start: chunk.offset, end: chunk.offset + chunk.stored }
        const bytes = decodeChunkRecord(await xorbs.readAll(term.xorb, place))
        yield bytes.subarray(Math.max(0, range.start - at), range.end - at)
      }
      at += chunk.length
    }
  }
}

/** Serves presigned bytes of a xorb: only the signed ranges, until the deadline. */
function serveXorb(c: HubRequest): Response {
  const { hub } = c.env
  const request = c.req.raw
  const hash = c.req.param('hash')!
  const xorb = hub.xorbs.get(hash)
  if (xorb === undefined) return damagedRefusal()
  const what = {
    size: xorb.bytes,
    etag: `"${hash}"`,
    contentType: 'application/octet-stream',
    read: (range: { start: number; end: number }) => hub.xorbs.read(hash, range),
  }
  // Not clamped to the xorb: `0-` is not the signed `0-99`, even when it means the same bytes.
  const unclamped = { ...what, size: Number.MAX_SAFE_INTEGER }
  const ranges = signedRanges(request, unclamped, c.var.ranges, hub.settings.exactRanges)
  if (ranges === undefined) return storageRefusal('Auth failed: invalid range')
  return ranges.length === 1 ? rangedAnswer(request, what) : multipartAnswer(request, what, ranges)
}
