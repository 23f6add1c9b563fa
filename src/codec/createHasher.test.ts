import { randomBytes } from 'node:crypto'
import { createBLAKE3 } from 'hash-wasm'
import { describe, expect, it, vi } from 'vitest'
import { createHasher } from './createHasher.ts'
import { createPlainHasher } from './createPlainHasher.ts'
import { hashToHex } from './hashToHex.ts'

const kinds = ['chunk', 'node', 'file', 'range'] as const
const hello = new TextEncoder().encode('Hello World!')
const helloHash = 'd8d408e608fb9ca213b9909a65d86d725f2de4d8d540324be8a363e7a6e228cb'

describe('createHasher', () => {
  it('hashes a chunk as the protocol says', async () => {
    const hasher = await createHasher()
    expect(hashToHex(hasher.chunk(hello))).toBe(helloHash)
  })

  it.each(kinds)('agrees with plain JavaScript on %s, at every block border', async (kind) => {
    const hasher = await createHasher()
    const plain = createPlainHasher()
    for (const length of [0, 1, 63, 64, 65, 1023, 1024, 1025, 16_384, 16_385, 131_072]) {
      const bytes = randomBytes(length)
      expect(hashToHex(hasher[kind](bytes)), `${length} bytes`).toBe(hashToHex(plain[kind](bytes)))
    }
  })

  it('keeps the four kinds apart, and gives each result a buffer of its own', async () => {
    const hasher = await createHasher()
    const hashes = kinds.map((kind) => hasher[kind](hello))
    expect(new Set(hashes.map(hashToHex)).size).toBe(4)
    expect(new Set(hashes.map((hash) => hash.buffer)).size).toBe(4)
    expect(hashToHex(hasher.chunk(hello))).toBe(hashToHex(hashes[0]!))
  })

  it('falls back when WebAssembly is refused', async () => {
    const refuse = vi.fn<typeof createBLAKE3>(() =>
      Promise.reject(new WebAssembly.CompileError('Wasm code generation disallowed by embedder')),
    )
    const hasher = await createHasher(refuse)
    expect(refuse).toHaveBeenCalled()
    expect(hashToHex(hasher.chunk(hello))).toBe(helloHash)
  })

  it('falls back when only some instances can be made', async () => {
    let made = 0
    const hasher = await createHasher((bits, key) =>
      made++ < 2 ? createBLAKE3(bits, key) : Promise.reject(new RangeError('out of memory')),
    )
    expect(hashToHex(hasher.chunk(hello))).toBe(helloHash)
  })
})
