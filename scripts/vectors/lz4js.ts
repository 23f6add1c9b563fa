import { createRequire } from 'node:module'

/** The parts of the package lz4js that are used; it comes without types. */
interface Lz4js {
  compress(bytes: Uint8Array): Uint8Array
  decompress(frame: Uint8Array): Uint8Array
}

/** An independent LZ4 implementation for comparison: today's writers in browsers are derived from it. */
export const lz4js: Lz4js = createRequire(import.meta.url)('lz4js') as Lz4js
