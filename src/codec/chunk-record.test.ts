import * as fc from 'fast-check'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { FerryError } from '../core/errors.ts'
import {
  ChunkRecordReader,
  decodeChunkRecord,
  ungroupBytes,
  type DecodedChunk,
} from './chunk-record.ts'
import { createHasher, createPlainHasher } from './hasher.ts'
import { hashToHex } from './xet-hash.ts'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'

describe('ChunkRecordReader', async () => {
  const hasher = await createHasher()
  const contents = [
    randomBytes(3000),
    new Uint8Array(20_000),
    Uint8Array.from({ length: 9000 }, (_, index) => index >> 5),
    Uint8Array.of(1),
    randomBytes(131_072),
  ]
  const schemes = [0, 1, 2, 2, 1] as const
  const records = contents.map((bytes, index) => packRecord(bytes, schemes[index]!))
  const stream = new Uint8Array(Buffer.concat(records))

  function read(parts: Iterable<Uint8Array>): DecodedChunk[] {
    const reader = new ChunkRecordReader(hasher)
    const chunks = Array.from(parts, (part) => kept(reader.push(part))).flat()
    reader.finish()
    return chunks
  }

  /** Copies, because the next chunk is decoded into the same bytes. */
  function kept(chunks: Iterable<DecodedChunk>): DecodedChunk[] {
    return Array.from(chunks, (chunk) => ({ ...chunk, bytes: chunk.bytes.slice() }))
  }

  function* cutEvery(bytes: Uint8Array, step: number): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
  }

  function expectContents(chunks: readonly DecodedChunk[]): void {
    expect(chunks.map(({ length }) => length)).toEqual(contents.map(({ length }) => length))
    for (const [index, { bytes, hash }] of chunks.entries()) {
      expect(Buffer.compare(bytes, contents[index]!)).toBe(0)
      expect(hashToHex(hash)).toBe(hashToHex(hasher.chunk(contents[index]!)))
    }
  }

  it.each([1, 7, 8, 9, 1000, 65_536, 1_048_576])('reads parts of %i bytes', (step) => {
    expectContents(read(cutEvery(stream, step)))
  })

  it('returns the same chunks for any split of the stream', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const ends = [...cuts, stream.length].toSorted((a, b) => a - b)
        expectContents(read(ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end))))
      }),
      { numRuns: 50 },
    )
  })

  it('returns each chunk when its record is complete, and counts the consumed bytes', () => {
    const reader = new ChunkRecordReader(hasher)
    const first = records[0]!
    expect([...reader.push(first.subarray(0, -1))]).toHaveLength(0)
    expect(reader.storedBytes).toBe(0)
    expect([...reader.push(stream.subarray(first.length - 1, first.length + 4))]).toHaveLength(1)
    expect(reader.storedBytes).toBe(first.length)
    expect([...reader.push(stream.subarray(first.length + 4))]).toHaveLength(4)
    expect(reader.storedBytes).toBe(stream.length)
  })

  it('keeps no reference to a part: its buffer may be reused', () => {
    const buffer = new Uint8Array(1000)
    const reader = new ChunkRecordReader(hasher)
    const chunks: DecodedChunk[] = []
    for (const part of cutEvery(stream, 1000)) {
      buffer.set(part)
      chunks.push(...kept(reader.push(buffer.subarray(0, part.length))))
      buffer.fill(0xee)
    }
    expectContents(chunks)
  })

  it('accepts an empty stream', () => {
    expect(read([])).toEqual([])
    expect(read([new Uint8Array(0)])).toEqual([])
  })

  it.each([
    ['in a header', 5, /5 of 8 header bytes/],
    ['right after a header', 8, /0 of 3000 payload bytes/],
    ['in a payload', 100, /92 of 3000 payload bytes/],
  ])('refuses to finish %s', (_, length, message) => {
    const reader = new ChunkRecordReader(hasher)
    kept(reader.push(stream.subarray(0, length)))
    expect(() => reader.finish()).toThrow(expect.objectContaining({ code: 'protocol' }))
    expect(() => reader.finish()).toThrow(message)
  })

  it('reports a bad header before its payload arrives, and repeats the error afterwards', () => {
    const reader = new ChunkRecordReader(hasher)
    expect([...reader.push(Uint8Array.of(0, 255, 255))]).toEqual([])
    expect(() => [...reader.push(Uint8Array.of(255, 1, 255, 255, 1))]).toThrow(
      /stored length is 16777215/,
    )
    expect(() => [...reader.push(records[0]!)]).toThrow(/stored length is 16777215/)
    expect(() => reader.finish()).toThrow(/stored length is 16777215/)
  })

  it('ends with chunks or a FerryError for any input', () => {
    const small = fc.constantFrom(records[0]!, records[1]!, records[3]!)
    const noise = fc.oneof(fc.uint8Array({ maxLength: 50 }), small)
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 6 }), (parts) => {
        try {
          read(parts)
        } catch (error) {
          expect(error).toBeInstanceOf(FerryError)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('decodeChunkRecord', () => {
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

  it('decodes the records of a writer, in every scheme', () => {
    fc.assert(
      fc.property(chunks, schemes, (bytes, scheme) => {
        const unpacked = decodeChunkRecord(packRecord(bytes, scheme))
        expect(Buffer.compare(unpacked, bytes)).toBe(0)
      }),
    )
  })

  it('returns bytes in their own buffer', () => {
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
  ])('refuses %j and names the fault', (record, message) => {
    expect(() => decodeChunkRecord(Uint8Array.from(record))).toThrow(message)
  })

  it('ends with bytes or a FerryError for any input', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), decodeOrRefuse))
  })

  it('ends with bytes or a FerryError when a valid record is damaged', () => {
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

describe('LZ4 block length', async () => {
  const hashers = [await createHasher(), createPlainHasher()]
  const decoders = [
    decodeChunkRecord,
    ...hashers.map((hasher) => (record: Uint8Array) => {
      const chunks = new ChunkRecordReader(hasher).push(record)
      return Array.from(chunks, ({ bytes }) => bytes.slice())[0]!
    }),
  ]
  /** An LZ4 frame with linked blocks, without content size and checksums: only the chunk's header has the length. */
  const frameHead = [4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0]
  /** Three blocks that decode to the ten bytes 1 2 3 4 1 2 3 4 1 9. */
  const blocks = {
    'literals and a match': [9, 0, 0, 0, 0x41, 1, 2, 3, 4, 4, 0, 0x10, 9],
    'literals only': [11, 0, 0, 0, 0xa0, 1, 2, 3, 4, 1, 2, 3, 4, 1, 9],
    'raw bytes': [10, 0, 0, 0x80, 1, 2, 3, 4, 1, 2, 3, 4, 1, 9],
  }

  function recordOf(block: readonly number[], length: number, scheme: number): Uint8Array {
    const payload = [...frameHead, ...block, 0, 0, 0, 0]
    return Uint8Array.from([0, payload.length, 0, 0, scheme, length, 0, 0, ...payload])
  }

  it.each(Object.entries(blocks))('is that of the header: %s', (_, block) => {
    for (const decode of decoders) {
      expect([...decode(recordOf(block, 10, 1))]).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 9])
      for (const scheme of [1, 2]) {
        for (const [length, message] of [
          [11, 'unpacks to 10 bytes instead of 11'],
          [9, 'the announced length'],
          [5, 'the announced length'],
          [3, 'the announced length'],
        ] as const) {
          expect(() => decode(recordOf(block, length, scheme))).toThrow(
            expect.objectContaining({
              code: 'protocol',
              message: expect.stringContaining(message) as string,
            }),
          )
        }
      }
    }
  })
})

describe('ungroupBytes', () => {
  it.each([
    [[], []],
    [[7], [7]],
    [
      [0, 4, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ],
    [
      [0, 4, 1, 5, 2, 3],
      [0, 1, 2, 3, 4, 5],
    ],
    [
      [0, 4, 1, 5, 2, 6, 3],
      [0, 1, 2, 3, 4, 5, 6],
    ],
    [
      [0, 4, 1, 5, 2, 6, 3, 7],
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
  ])('%j becomes %j', (grouped, expected) => {
    const output = new Uint8Array(grouped.length)
    ungroupBytes(Uint8Array.from(grouped), output)
    expect([...output]).toEqual(expected)
  })

  it('undoes grouping at every length and alignment, and writes only the output', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => index + 1)
      const grouped = [0, 1, 2, 3].flatMap((group) =>
        Array.from(bytes.filter((_, at) => at % 4 === group)),
      )
      const memory = new Uint8Array(length + 8)
      const from = 1 + (length % 4)
      ungroupBytes(Uint8Array.from(grouped), memory.subarray(from, from + length))
      expect(memory.subarray(from, from + length)).toEqual(bytes)
      expect(memory.filter((byte) => byte !== 0)).toHaveLength(length)
    }
  })
})
