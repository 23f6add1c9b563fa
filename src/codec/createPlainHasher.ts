import { blake3 } from '@noble/hashes/blake3.js'
import type { Hasher } from './Hasher.ts'
import { hashKeys } from './hashKeys.ts'

/**
 * A {@link Hasher} in plain JavaScript, some twenty times slower than the WebAssembly one: for pages whose
 * Content-Security-Policy lacks `wasm-unsafe-eval`.
 */
export function createPlainHasher(): Hasher {
  const { chunk, node, file, range } = hashKeys
  return {
    chunk: (bytes) => blake3(bytes, { key: chunk }),
    node: (text) => blake3(text, { key: node }),
    file: (root) => blake3(root, { key: file }),
    range: (hashes) => blake3(hashes, { key: range }),
  }
}
