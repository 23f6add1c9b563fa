import { createBLAKE3 } from 'hash-wasm'
import { decodeChunkPayload, type Hasher } from '../../src/codec/chunk-record.ts'
import { hashKeys } from '../../src/codec/xet-hash.ts'

/** The baseline: hashes of hash-wasm, decoding in plain JavaScript. */
export async function peerHasher(): Promise<Hasher> {
  const [chunk, node, file, range] = await Promise.all([
    keyed(hashKeys.chunk),
    keyed(hashKeys.node),
    keyed(hashKeys.file),
    keyed(hashKeys.range),
  ])
  return {
    chunk,
    node,
    file,
    range,
    unpack(header, payload) {
      const bytes = decodeChunkPayload(header, payload)
      return { bytes, hash: chunk(bytes) }
    },
  }
}

async function keyed(key: Uint8Array): Promise<Hasher['chunk']> {
  const instance = await createBLAKE3(256, key)
  return (bytes) => instance.init().update(bytes).digest('binary') as Uint8Array<ArrayBuffer>
}
