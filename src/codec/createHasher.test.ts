import { randomBytes } from 'node:crypto'
import { blake3 } from '@noble/hashes/blake3.js'
import { describe, expect, it, vi } from 'vitest'
import { createHasher } from './hasher.ts'
import { createPlainHasher } from './hasher.ts'
import { hashKeys } from './xet-hash.ts'
import { hashToHex } from './xet-hash.ts'
import type { openCodec } from './wasm.ts'

const kinds = ['chunk', 'node', 'file', 'range'] as const
const hello = new TextEncoder().encode('Hello World!')
const helloHash = 'd8d408e608fb9ca213b9909a65d86d725f2de4d8d540324be8a363e7a6e228cb'

describe('createHasher', () => {
  it('hashes a chunk as the protocol says', async () => {
    const hasher = await createHasher()
    expect(hashToHex(hasher.chunk(hello))).toBe(helloHash)
  })

  it.each(kinds)('agrees with another BLAKE3 on %s, at every border of its tree', async (kind) => {
    const hashers = [await createHasher(), createPlainHasher()]
    const chunks = Array.from({ length: 18 }, (_, index) => index * 1024)
    const borders = [...chunks, 16_384, 65_536, 65_536 + 3072, 131_072].flatMap((length) => [
      Math.max(0, length - 1),
      length,
      length + 1,
    ])
    for (const length of [62, 63, 64, 65, 127, 128, 129, ...borders]) {
      const bytes = randomBytes(length)
      const expected = hashToHex(blake3(bytes, { key: hashKeys[kind] }))
      for (const hasher of hashers)
        expect(hashToHex(hasher[kind](bytes)), `${length} bytes`).toBe(expected)
    }
  })

  it('hashes what is longer than a chunk', async () => {
    const bytes = randomBytes(1_000_003)
    const expected = hashToHex(blake3(bytes, { key: hashKeys.range }))
    expect(hashToHex((await createHasher()).range(bytes))).toBe(expected)
  })

  it('keeps the four kinds apart, and gives each result a buffer of its own', async () => {
    const hasher = await createHasher()
    const hashes = kinds.map((kind) => hasher[kind](hello))
    expect(new Set(hashes.map(hashToHex)).size).toBe(4)
    expect(new Set(hashes.map((hash) => hash.buffer)).size).toBe(4)
    expect(hashToHex(hasher.chunk(hello))).toBe(hashToHex(hashes[0]!))
  })

  it('falls back when WebAssembly is refused', async () => {
    const refuse = vi.fn<typeof openCodec>(() =>
      Promise.reject(new WebAssembly.CompileError('Wasm code generation disallowed by embedder')),
    )
    const hasher = await createHasher(refuse)
    expect(refuse).toHaveBeenCalledOnce()
    expect(hashToHex(hasher.chunk(hello))).toBe(helloHash)
  })
})
