import { hashToHex } from '../../codec/hashToHex.ts'
import { HubRefusal } from '../answer/HubRefusal.ts'
import type { Shard } from './Shard.ts'
import type { ShardFile } from './ShardFile.ts'
import { shardTag } from './shardTag.ts'
import type { ShardXorb } from './ShardXorb.ts'

const ROW = 48
const WITH_RANGE_HASHES = 0x80000000
const WITH_SHA256 = 0x40000000
const MOST_CHUNKS = 8192

/**
 * Reads an uploaded shard. Every count is held against the bytes that are left before anything is made for
 * it, so the work is bounded by the shard's own length. A footer is ignored: some clients write one, some do not.
 *
 * @param bytes the whole shard
 * @throws HubRefusal 400 that names the field
 * @see Xet protocol, section on shard bytes
 */
export function parseShard(bytes: Uint8Array): Shard {
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
  const hash = (row: number): string => hashToHex(bytes.subarray(row, row + 32))
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
    files.push({
      hash: hash(row),
      terms: Array.from({ length: count }, (_, index) => {
        const term = terms + index * ROW
        const start = u32(term, 2)
        const end = u32(term, 3)
        if (start >= end || end > MOST_CHUNKS) {
          throw refuse(`term ${index} of file ${hash(row)} has the chunk range ${start} to ${end}`)
        }
        return {
          xorb: hash(term),
          length: u32(term, 1),
          start,
          end,
          ...(hashes !== undefined && { rangeHash: hash(hashes + index * ROW) }),
        }
      }),
      ...(sha !== undefined && { sha256: hash(sha) }),
    })
  }

  const xorbs: ShardXorb[] = []
  for (let row = take(1, 'a xorb'); !isEnd(row); row = take(1, 'a xorb')) {
    const count = u32(row, 1)
    if (count > MOST_CHUNKS)
      throw refuse(`xorb ${hash(row)} has ${count} chunks, above ${MOST_CHUNKS}`)
    const chunks = take(count, 'the chunks of a xorb')
    xorbs.push({
      hash: hash(row),
      chunks: Array.from({ length: count }, (_, index) => {
        const chunk = chunks + index * ROW
        return { hash: hash(chunk), length: u32(chunk, 1) }
      }),
    })
  }
  return { files, xorbs }
}

function refuse(why: string): HubRefusal {
  return new HubRefusal(400, `The shard is malformed: ${why}.`)
}
