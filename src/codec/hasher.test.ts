import * as fc from 'fast-check'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { FerryError } from '../core/errors.ts'
import { parseChunkHeader, type Hasher } from './chunk-record.ts'
import { createHasher, createPlainHasher, createWasmHasher } from './hasher.ts'
import { codecLayout, openCodec } from './wasm.ts'
import { hashKeys, hashToHex } from './xet-hash.ts'
import { blake3 } from '@noble/hashes/blake3.js'
import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'

describe('createHasher', () => {
  const kinds = ['chunk', 'node', 'file', 'range'] as const
  const hello = new TextEncoder().encode('Hello World!')
  const helloHash = 'd8d408e608fb9ca213b9909a65d86d725f2de4d8d540324be8a363e7a6e228cb'

  it('hashes a chunk as the protocol specifies', async () => {
    const hasher = await createHasher()
    expect(hashToHex(hasher.chunk(hello))).toBe(helloHash)
  })

  it.each(kinds)(
    'equals another BLAKE3 implementation on %s, at every boundary of the tree',
    async (kind) => {
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
    },
  )

  it('hashes inputs longer than a chunk', async () => {
    const bytes = randomBytes(1_000_003)
    const expected = hashToHex(blake3(bytes, { key: hashKeys.range }))
    expect(hashToHex((await createHasher()).range(bytes))).toBe(expected)
  })

  it('uses a different key for each of the four kinds, and returns each result in its own buffer', async () => {
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

describe('createWasmHasher', async () => {
  const codec = await openCodec()
  const memory = new Uint8Array(codec.memory.buffer)
  const wasm = createWasmHasher(codec)
  const plain = createPlainHasher()
  const fixed = memory.slice(codecLayout.keys, codecLayout.input)

  /** The result of a decoding: bytes and hash, or the code and text of the error. */
  function outcome(hasher: Hasher, record: Uint8Array): unknown {
    try {
      const header = parseChunkHeader(record)
      const { bytes, hash } = hasher.unpack(header, record.subarray(8, 8 + header.storedLength))
      return {
        bytes: Buffer.from(bytes).toString('latin1'),
        hash: Buffer.from(hash).toString('hex'),
      }
    } catch (error) {
      if (!(error instanceof FerryError)) throw error
      return { code: error.code, message: error.message }
    }
  }

  const words = fc
    .array(fc.constantFrom('weight', 'bias', '.layer.', '\0\0\0\0', '12', 'x', 'abcdefghijk'), {
      minLength: 1,
      maxLength: 400,
    })
    .map((list) => new TextEncoder().encode(list.join('')))
  const patterns = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5000 }))
    .map(([pattern, length]) =>
      Uint8Array.from({ length }, (_, index) => pattern[index % pattern.length]!),
    )
  const chunks = fc.oneof(words, patterns, fc.uint8Array({ minLength: 1, maxLength: 300 }))
  const records = fc
    .tuple(chunks, fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 2))
    .map(([bytes, scheme]) => ({ bytes, record: packRecord(bytes, scheme) }))

  it('decodes and hashes like plain JavaScript', () => {
    fc.assert(
      fc.property(records, ({ bytes, record }) => {
        const seen = outcome(wasm, record)
        expect(seen).toEqual(outcome(plain, record))
        expect(seen).toMatchObject({ bytes: Buffer.from(bytes).toString('latin1') })
      }),
      { numRuns: 500 },
    )
  })

  it('decodes the longest possible chunk', () => {
    for (const bytes of [randomBytes(131_072), new Uint8Array(131_072)]) {
      for (const scheme of [0, 1, 2] as const) {
        const record = packRecord(bytes, scheme)
        expect(outcome(wasm, record)).toEqual(outcome(plain, record))
      }
    }
  })

  it('reports the same error as plain JavaScript for a damaged record, and keeps its keys intact', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(records, damage, ({ record }, changes) => {
        for (const [at, byte] of changes) record[8 + (at % (record.length - 8))] = byte
        expect(outcome(wasm, record)).toEqual(outcome(plain, record))
      }),
      { numRuns: 2000 },
    )
    expect(Buffer.compare(memory.slice(codecLayout.keys, codecLayout.input), fixed)).toBe(0)
  })

  it('decodes every chunk into the same bytes, so that nothing is allocated', () => {
    const decoded = ([0, 1, 2] as const).map((scheme) => {
      const record = packRecord(new Uint8Array(100).fill(scheme), scheme)
      const { bytes } = wasm.unpack(parseChunkHeader(record), record.subarray(8))
      expect(bytes).toEqual(new Uint8Array(100).fill(scheme))
      return [bytes.buffer, bytes.byteOffset]
    })
    expect(decoded[1]).toEqual(decoded[0])
    expect(decoded[2]).toEqual(decoded[0])
  })

  it('refuses a payload that is longer than announced before it is written', () => {
    const record = packRecord(new Uint8Array(100), 0)
    expect(() => wasm.unpack(parseChunkHeader(record), new Uint8Array(101))).toThrow(RangeError)
  })
})
