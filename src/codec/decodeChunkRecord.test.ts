import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { FerryError } from '../core/errors.ts'
import { decodeChunkRecord } from './chunk-record.ts'

const schemes = fc.constantFrom(0, 1, 2)
const floats = fc
  .array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((numbers) => new Uint8Array(Float32Array.from(numbers).buffer))
const chunks = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  floats,
  fc
    .tuple(fc.nat(255), fc.integer({ min: 1, max: 131_072 }))
    .map(([byte, length]) => new Uint8Array(length).fill(byte)),
)
const records = fc.tuple(chunks, schemes).map(([bytes, scheme]) => packRecord(bytes, scheme))

function decodeOrRefuse(record: Uint8Array): void {
  try {
    const length = decodeChunkRecord(record).length
    expect(length).toBe(record[5]! | (record[6]! << 8) | (record[7]! << 16))
  } catch (error) {
    if (!(error instanceof FerryError)) throw error
    expect(['protocol', 'integrity']).toContain(error.code)
  }
}

describe('decodeChunkRecord', () => {
  it('unpacks what a writer packed, in every scheme', () => {
    fc.assert(
      fc.property(chunks, schemes, (bytes, scheme) => {
        const unpacked = decodeChunkRecord(packRecord(bytes, scheme))
        expect(Buffer.compare(unpacked, bytes)).toBe(0)
      }),
    )
  })

  it('gives bytes in a buffer of their own', () => {
    for (const scheme of [0, 1, 2] as const) {
      const bytes = decodeChunkRecord(packRecord(new Uint8Array(100), scheme))
      expect(bytes.buffer.byteLength).toBe(100)
    }
    const stored = packRecord(Uint8Array.of(1, 2, 3), 0)
    const bytes = decodeChunkRecord(stored)
    stored.fill(9)
    expect([...bytes]).toEqual([1, 2, 3])
  })

  it.each([
    [[1, 3, 0, 0, 0, 3, 0, 0, 1, 2, 3], /version is 1/],
    [[0, 3, 0, 0, 3, 3, 0, 0, 1, 2, 3], /scheme is 3/],
    [[0, 0, 0, 0, 0, 0, 0, 0], /uncompressed length is 0/],
    [[0, 3, 0, 0, 1, 1, 0, 2, 1, 2, 3], /uncompressed length is 131073/],
    [[0, 1, 0, 4, 1, 3, 0, 0, 1, 2, 3], /stored length is 262145/],
    [[0, 2, 0, 0, 0, 3, 0, 0, 1, 2], /stored length 2 is not its length 3/],
    [[0, 3, 0, 0, 0, 3, 0, 0, 1, 2], /2 bytes follow/],
    [[0, 3, 0, 0, 0, 3, 0, 0, 1, 2, 3, 4], /4 bytes follow/],
    [[0, 3, 0], /3 of 8 bytes/],
  ])('refuses %j and says why', (record, message) => {
    expect(() => decodeChunkRecord(Uint8Array.from(record))).toThrow(message)
  })

  it('ends with bytes or a FerryError, whatever comes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), decodeOrRefuse))
  })

  it('ends with bytes or a FerryError when a good record is damaged', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(records, damage, fc.nat(5), (record, changes, cut) => {
        for (const [at, byte] of changes) record[at % Math.min(record.length, 64)] = byte
        decodeOrRefuse(record.subarray(0, record.length - cut))
      }),
      { numRuns: 1000 },
    )
  })
})
