import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { FerryError } from '../core/errors.ts'
import { codecRoom } from './wasm.ts'
import { createPlainHasher } from './hasher.ts'
import { createWasmHasher } from './hasher.ts'
import type { Hasher } from './chunk.ts'
import { openCodec } from './wasm.ts'
import { parseChunkHeader } from './chunk-record.ts'

const codec = await openCodec()
const memory = new Uint8Array(codec.memory.buffer)
const wasm = createWasmHasher(codec)
const plain = createPlainHasher()
const fixed = memory.slice(codecRoom.keys, codecRoom.input)

/** What an unpacking comes to: bytes and hash, or the code and text of the error. */
function outcome(hasher: Hasher, record: Uint8Array): unknown {
  try {
    const header = parseChunkHeader(record)
    const { bytes, hash } = hasher.unpack(header, record.subarray(8, 8 + header.storedLength))
    return { bytes: Buffer.from(bytes).toString('latin1'), hash: Buffer.from(hash).toString('hex') }
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

describe('createWasmHasher', () => {
  it('unpacks and hashes as plain JavaScript does', () => {
    fc.assert(
      fc.property(records, ({ bytes, record }) => {
        const seen = outcome(wasm, record)
        expect(seen).toEqual(outcome(plain, record))
        expect(seen).toMatchObject({ bytes: Buffer.from(bytes).toString('latin1') })
      }),
      { numRuns: 500 },
    )
  })

  it('unpacks the longest chunk there is', () => {
    for (const bytes of [randomBytes(131_072), new Uint8Array(131_072)]) {
      for (const scheme of [0, 1, 2] as const) {
        const record = packRecord(bytes, scheme)
        expect(outcome(wasm, record)).toEqual(outcome(plain, record))
      }
    }
  })

  it('says of a damaged record what plain JavaScript says, and keeps its keys', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(records, damage, ({ record }, changes) => {
        for (const [at, byte] of changes) record[8 + (at % (record.length - 8))] = byte
        expect(outcome(wasm, record)).toEqual(outcome(plain, record))
      }),
      { numRuns: 2000 },
    )
    expect(Buffer.compare(memory.slice(codecRoom.keys, codecRoom.input), fixed)).toBe(0)
  })

  it('gives bytes in a buffer of their own', () => {
    for (const scheme of [0, 1, 2] as const) {
      const record = packRecord(new Uint8Array(100), scheme)
      const { bytes } = wasm.unpack(parseChunkHeader(record), record.subarray(8))
      expect(bytes.buffer.byteLength).toBe(100)
    }
  })

  it('refuses a payload that is longer than announced before it is written', () => {
    const record = packRecord(new Uint8Array(100), 0)
    expect(() => wasm.unpack(parseChunkHeader(record), new Uint8Array(101))).toThrow(RangeError)
  })
})
