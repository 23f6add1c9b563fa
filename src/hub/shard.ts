import { hexToHash } from '../codec/index.ts'
import { pacer, sorted } from './pacing.ts'
import { HubRefusal } from './refusals.ts'
import { blake3 } from '@noble/hashes/blake3.js'
import type { StoredXorb } from './content.ts'

/** A parsed shard. */
export interface Shard {
  readonly files: readonly ShardFile[]
  readonly xorbs: readonly ShardXorb[]
}

/** A file of a shard. */
export interface ShardFile {
  readonly hash: string
  readonly terms: readonly ShardTerm[]
  /** Ordinary hex. */
  readonly sha256?: string
}

/** A term of a file in a shard: chunks `[start, end)` of a xorb. */
export interface ShardTerm {
  readonly xorb: string
  /** Bytes when unpacked. */
  readonly length: number
  readonly start: number
  readonly end: number
  /** Verification hash of the chunks; undefined: absent. */
  readonly rangeHash?: string
}

/** A xorb of a shard. */
export interface ShardXorb {
  readonly hash: string
  readonly chunks: readonly { readonly hash: string; readonly length: number }[]
}

/** The first 32 bytes of every shard. */
export const shardTag: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...new TextEncoder().encode('HFRepoMetaData\0'),
  0x55,
  0x69,
  0x67,
  0x45,
  0x6a,
  0x7b,
  0x81,
  0x57,
  0x83,
  0xa5,
  0xbd,
  0xd9,
  0x5c,
  0xcd,
  0xd1,
  0x4a,
  0xa9,
])

const ROW = 48
const WITH_RANGE_HASHES = 0x80000000
const WITH_SHA256 = 0x40000000
/** Most chunks of a xorb (Xet protocol). */
export const MOST_CHUNKS: number = 8192

/**
 * Parses an uploaded shard. Every count is compared with the remaining bytes before anything is allocated for it, so
 * the work is bounded by the shard's length. A footer is ignored: only some clients write one.
 *
 * @param bytes the whole shard
 * @throws HubRefusal 400 that names the field
 * @see Xet protocol, section on shard bytes
 */
export async function parseShard(bytes: Uint8Array): Promise<Shard> {
  const pause = pacer()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = ROW

  const take = (rows: number, what: string): number => {
    if (rows * ROW > bytes.byteLength - at) {
      throw refuse(
        `${what} at byte ${at} needs ${rows} rows of ${ROW} bytes, but the shard ends at ${bytes.byteLength}`,
      )
    }
    at += rows * ROW
    return at - rows * ROW
  }
  // Like `hashToHex`, but faster: a shard may contain a million hashes.
  const hash = (row: number): string =>
    Buffer.from(bytes.subarray(row, row + 32))
      .swap64()
      .toString('hex')
  const u32 = (row: number, field: number): number => view.getUint32(row + 32 + 4 * field, true)
  const isEnd = (row: number): boolean =>
    bytes.subarray(row, row + 32).every((byte) => byte === 0xff)

  if (bytes.byteLength < ROW || shardTag.some((byte, index) => bytes[index] !== byte)) {
    throw refuse('it does not begin with the tag of a shard')
  }
  const version = view.getBigUint64(32, true)
  if (version !== 2n) throw refuse(`its version is ${version}, only 2 is known`)

  const files: ShardFile[] = []
  for (let row = take(1, 'a file'); !isEnd(row); row = take(1, 'a file')) {
    const flags = u32(row, 0)
    const count = u32(row, 1)
    const terms = take(count, 'the terms of a file')
    const hashes = flags & WITH_RANGE_HASHES ? take(count, 'the range hashes of a file') : undefined
    const sha = flags & WITH_SHA256 ? take(1, 'the SHA-256 of a file') : undefined
    const file: ShardTerm[] = []
    for (let index = 0; index < count; index++) {
      if (pause.due()) await pause.now()
      const term = terms + index * ROW
      const start = u32(term, 2)
      const end = u32(term, 3)
      if (start >= end || end > MOST_CHUNKS) {
        throw refuse(`term ${index} of file ${hash(row)} has the chunk range ${start} to ${end}`)
      }
      const rangeHash = hashes === undefined ? {} : { rangeHash: hash(hashes + index * ROW) }
      file.push({ xorb: hash(term), length: u32(term, 1), start, end, ...rangeHash })
    }
    files.push({
      hash: hash(row),
      terms: file,
      ...(sha !== undefined && { sha256: hash(sha) }),
    })
  }

  const xorbs: ShardXorb[] = []
  for (let row = take(1, 'a xorb'); !isEnd(row); row = take(1, 'a xorb')) {
    const count = u32(row, 1)
    if (count > MOST_CHUNKS)
      throw refuse(`xorb ${hash(row)} has ${count} chunks, above ${MOST_CHUNKS}`)
    const chunks = take(count, 'the chunks of a xorb')
    const listed: { hash: string; length: number }[] = []
    for (let index = 0; index < count; index++) {
      if (pause.due()) await pause.now()
      const chunk = chunks + index * ROW
      listed.push({ hash: hash(chunk), length: u32(chunk, 1) })
    }
    xorbs.push({ hash: hash(row), chunks: listed })
  }
  return { files, xorbs }
}

function refuse(why: string): HubRefusal {
  return new HubRefusal(400, `The shard is malformed: ${why}.`)
}

const ROW_BYTES = 48
const FOOTER = 200

/**
 * Writes a shard that lists xorbs, as the response to a chunk query. Chunk hashes are keyed, so the response helps
 * only clients that have the bytes. Lookup tables and their offsets in the footer are real, because clients use them
 * to find the end of the xorb section.
 *
 * @param xorbs xorbs to list, in order
 * @param key 32 bytes that key the chunk hashes
 * @param now Unix seconds
 * @param lifetime seconds for which clients may cache the response
 * @see Xet protocol, section on shard bytes
 */
export async function serializeShard(
  xorbs: readonly StoredXorb[],
  key: Uint8Array,
  now: number,
  lifetime: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pause = pacer()
  const chunkCount = xorbs.reduce((sum, xorb) => sum + xorb.chunks.length, 0)
  const xorbSection = 2 * ROW_BYTES
  const xorbLookup = xorbSection + (xorbs.length + chunkCount + 1) * ROW_BYTES
  const chunkLookup = xorbLookup + xorbs.length * 12
  const footer = chunkLookup + chunkCount * 16
  const shard = new Uint8Array(footer + FOOTER)
  const view = new DataView(shard.buffer)

  shard.set(shardTag)
  view.setBigUint64(32, 2n, true)
  view.setBigUint64(40, BigInt(FOOTER), true)
  shard.fill(0xff, ROW_BYTES, ROW_BYTES + 32)

  const byXorb: [hash: bigint, row: number][] = []
  const byChunk: [hash: bigint, row: number, index: number][] = []
  let at = xorbSection
  for (const xorb of xorbs) {
    const row = (at - xorbSection) / ROW_BYTES
    shard.set(hexToHash(xorb.hash), at)
    byXorb.push([view.getBigUint64(at, true), row])
    ;[0, xorb.chunks.length, unpackedBytes([xorb]), xorb.bytes].forEach((value, field) => {
      view.setUint32(at + 32 + 4 * field, value, true)
    })
    at += ROW_BYTES
    let offset = 0
    for (const [index, chunk] of xorb.chunks.entries()) {
      if (pause.due()) await pause.now()
      shard.set(blake3(hexToHash(chunk.hash), { key }), at)
      byChunk.push([view.getBigUint64(at, true), row, index])
      view.setUint32(at + 32, offset, true)
      view.setUint32(at + 36, chunk.length, true)
      offset += chunk.length
      at += ROW_BYTES
    }
  }
  shard.fill(0xff, at, at + 32)

  at = xorbLookup
  for (const [hash, row] of await sorted(byXorb, byHash)) {
    view.setBigUint64(at, hash, true)
    view.setUint32(at + 8, row, true)
    at += 12
  }
  for (const [hash, row, index] of await sorted(byChunk, byHash)) {
    view.setBigUint64(at, hash, true)
    view.setUint32(at + 8, row, true)
    view.setUint32(at + 12, index, true)
    at += 16
  }

  const stored = xorbs.reduce((sum, xorb) => sum + xorb.bytes, 0)
  const before = [
    1,
    ROW_BYTES,
    xorbSection,
    xorbLookup,
    0,
    xorbLookup,
    xorbs.length,
    chunkLookup,
    chunkCount,
  ]
  writeU64s(view, footer, before)
  shard.set(key, footer + 72)
  writeU64s(view, footer + 104, [now, now + lifetime])
  writeU64s(view, footer + 168, [stored, 0, unpackedBytes(xorbs), footer])
  return shard
}

function unpackedBytes(xorbs: readonly StoredXorb[]): number {
  let sum = 0
  for (const { chunks } of xorbs) for (const { length } of chunks) sum += length
  return sum
}

function writeU64s(view: DataView, at: number, values: readonly number[]): void {
  values.forEach((value, index) => view.setBigUint64(at + 8 * index, BigInt(value), true))
}

function byHash(a: readonly [bigint, ...unknown[]], b: readonly [bigint, ...unknown[]]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
