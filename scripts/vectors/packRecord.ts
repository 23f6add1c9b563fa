import { lz4js } from './lz4js.ts'

/**
 * Makes a chunk record like a writer, for tests.
 *
 * @param bytes the chunk, 1 to 131072 bytes
 * @param scheme 0: not compressed; 1: LZ4 frame; 2: bytes grouped by four, then LZ4 frame
 */
export function packRecord(bytes: Uint8Array, scheme: 0 | 1 | 2): Uint8Array<ArrayBuffer> {
  const payload = scheme === 0 ? bytes : lz4js.compress(scheme === 1 ? bytes : grouped(bytes))
  const record = new Uint8Array(8 + payload.length)
  const view = new DataView(record.buffer)
  view.setUint32(0, payload.length << 8, true)
  view.setUint32(4, (bytes.length << 8) | scheme, true)
  record.set(payload, 8)
  return record
}

function grouped(bytes: Uint8Array): Uint8Array {
  const groups = [0, 1, 2, 3].map((group) => bytes.filter((_, index) => index % 4 === group))
  return new Uint8Array(Buffer.concat(groups))
}
