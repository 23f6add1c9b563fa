import { decodeChunkPayload } from './decodeChunkPayload.ts'
import type { Hasher } from './Hasher.ts'
import { hashKeys } from './hashKeys.ts'
import { plainBlake3 } from './plainBlake3.ts'

/**
 * A {@link Hasher} in plain JavaScript, several times slower than the WebAssembly one: for pages whose
 * Content-Security-Policy lacks `wasm-unsafe-eval`.
 */
export function createPlainHasher(): Hasher {
  const { chunk, node, file, range } = hashKeys
  return {
    chunk: (bytes) => plainBlake3(bytes, chunk),
    node: (text) => plainBlake3(text, node),
    file: (root) => plainBlake3(root, file),
    range: (hashes) => plainBlake3(hashes, range),
    unpack(header, payload) {
      const bytes = decodeChunkPayload(header, payload)
      return { bytes, hash: plainBlake3(bytes, chunk) }
    },
  }
}
