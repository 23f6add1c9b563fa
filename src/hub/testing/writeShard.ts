import { hexToHash } from '../../codec/xet-hash.ts'
import { shardTag } from '../shard.ts'
import type { Shard } from '../shard.ts'

/** Writes a shard like a client, without a footer. */
export function writeShard({ files, xorbs }: Shard): Uint8Array<ArrayBuffer> {
  const rows: Uint8Array[] = []
  const row = (hash: string, ...fields: number[]): void => {
    const bytes = new Uint8Array(48)
    bytes.set(hexToHash(hash))
    const view = new DataView(bytes.buffer)
    fields.forEach((value, index) => view.setUint32(32 + 4 * index, value, true))
    rows.push(bytes)
  }
  const header = new Uint8Array(48)
  header.set(shardTag)
  header[32] = 2
  rows.push(header)
  for (const { hash, terms, sha256 } of files) {
    const verified = terms.some(({ rangeHash }) => rangeHash !== undefined)
    row(hash, (verified ? 0x80000000 : 0) + (sha256 === undefined ? 0 : 0x40000000), terms.length)
    for (const { xorb, length, start, end } of terms) row(xorb, 0, length, start, end)
    if (verified) for (const { rangeHash } of terms) row(rangeHash!)
    if (sha256 !== undefined) row(sha256)
  }
  row('f'.repeat(64))
  for (const { hash, chunks } of xorbs) {
    row(hash, 0, chunks.length)
    for (const chunk of chunks) row(chunk.hash, 0, chunk.length)
  }
  row('f'.repeat(64))
  return new Uint8Array(Buffer.concat(rows))
}
