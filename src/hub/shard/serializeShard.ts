import { blake3 } from '@noble/hashes/blake3.js'
import { hexToHash } from '../../codec/hexToHash.ts'
import type { StoredXorb } from '../disk/StoredXorb.ts'
import { shardTag } from './shardTag.ts'

const ROW = 48
const FOOTER = 200

/**
 * Writes a shard that lists xorbs, as the answer to a chunk query. Chunk hashes are keyed, so that the answer
 * helps only who has the bytes; lookup tables and their places in the footer are real, because clients find the
 * end of the xorb section by them.
 *
 * @param xorbs what to list, in order
 * @param key 32 bytes that key the chunk hashes
 * @param now Unix seconds
 * @param lifetime seconds for which clients may keep the answer
 * @see Xet protocol, section on shard bytes
 */
export function serializeShard(
  xorbs: readonly StoredXorb[],
  key: Uint8Array,
  now: number,
  lifetime: number,
): Uint8Array<ArrayBuffer> {
  const chunkCount = xorbs.reduce((sum, xorb) => sum + xorb.chunks.length, 0)
  const xorbSection = 2 * ROW
  const xorbLookup = xorbSection + (xorbs.length + chunkCount + 1) * ROW
  const chunkLookup = xorbLookup + xorbs.length * 12
  const footer = chunkLookup + chunkCount * 16
  const shard = new Uint8Array(footer + FOOTER)
  const view = new DataView(shard.buffer)

  shard.set(shardTag)
  view.setBigUint64(32, 2n, true)
  view.setBigUint64(40, BigInt(FOOTER), true)
  shard.fill(0xff, ROW, ROW + 32)

  const byXorb: [hash: bigint, row: number][] = []
  const byChunk: [hash: bigint, row: number, index: number][] = []
  let at = xorbSection
  for (const xorb of xorbs) {
    const row = (at - xorbSection) / ROW
    shard.set(hexToHash(xorb.hash), at)
    byXorb.push([view.getBigUint64(at, true), row])
    ;[0, xorb.chunks.length, unpackedBytes([xorb]), xorb.bytes].forEach((value, field) => {
      view.setUint32(at + 32 + 4 * field, value, true)
    })
    at += ROW
    let offset = 0
    for (const [index, chunk] of xorb.chunks.entries()) {
      shard.set(blake3(hexToHash(chunk.hash), { key }), at)
      byChunk.push([view.getBigUint64(at, true), row, index])
      view.setUint32(at + 32, offset, true)
      view.setUint32(at + 36, chunk.length, true)
      offset += chunk.length
      at += ROW
    }
  }
  shard.fill(0xff, at, at + 32)

  at = xorbLookup
  for (const [hash, row] of byXorb.toSorted(byHash)) {
    view.setBigUint64(at, hash, true)
    view.setUint32(at + 8, row, true)
    at += 12
  }
  for (const [hash, row, index] of byChunk.toSorted(byHash)) {
    view.setBigUint64(at, hash, true)
    view.setUint32(at + 8, row, true)
    view.setUint32(at + 12, index, true)
    at += 16
  }

  const stored = xorbs.reduce((sum, xorb) => sum + xorb.bytes, 0)
  const before = [
    1,
    ROW,
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
  return xorbs.flatMap((xorb) => xorb.chunks).reduce((sum, chunk) => sum + chunk.length, 0)
}

function writeU64s(view: DataView, at: number, values: readonly number[]): void {
  values.forEach((value, index) => view.setBigUint64(at + 8 * index, BigInt(value), true))
}

function byHash(a: readonly [bigint, ...unknown[]], b: readonly [bigint, ...unknown[]]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
