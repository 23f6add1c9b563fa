import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { FerryError } from '../core/errors.ts'
import { ChunkRecordReader } from './chunk-record.ts'
import { createHasher } from './hasher.ts'
import type { DecodedChunk } from './chunk.ts'
import { hashToHex } from './xet-hash.ts'

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
  const chunks = Array.from(parts, (part) => reader.push(part)).flat()
  reader.finish()
  return chunks
}

function* cutEvery(bytes: Uint8Array, step: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

function expectContents(chunks: readonly DecodedChunk[]): void {
  expect(chunks.map(({ storedLength }) => storedLength)).toEqual(
    records.map(({ length }) => length),
  )
  for (const [index, { bytes, hash }] of chunks.entries()) {
    expect(Buffer.compare(bytes, contents[index]!)).toBe(0)
    expect(hashToHex(hash)).toBe(hashToHex(hasher.chunk(contents[index]!)))
  }
}

describe('ChunkRecordReader', () => {
  it.each([1, 7, 8, 9, 1000, 65_536, 1_048_576])('reads parts of %i bytes', (step) => {
    expectContents(read(cutEvery(stream, step)))
  })

  it('gives the same chunks however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const ends = [...cuts, stream.length].toSorted((a, b) => a - b)
        expectContents(read(ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end))))
      }),
      { numRuns: 50 },
    )
  })

  it('gives every chunk as soon as its record is there, and counts what it used', () => {
    const reader = new ChunkRecordReader(hasher)
    const first = records[0]!
    expect(reader.push(first.subarray(0, -1))).toHaveLength(0)
    expect(reader.storedBytes).toBe(0)
    expect(reader.push(stream.subarray(first.length - 1, first.length + 4))).toHaveLength(1)
    expect(reader.storedBytes).toBe(first.length)
    expect(reader.push(stream.subarray(first.length + 4))).toHaveLength(4)
    expect(reader.storedBytes).toBe(stream.length)
  })

  it('keeps nothing of a part: its buffer may be used again', () => {
    const buffer = new Uint8Array(1000)
    const reader = new ChunkRecordReader(hasher)
    const chunks: DecodedChunk[] = []
    for (const part of cutEvery(stream, 1000)) {
      buffer.set(part)
      chunks.push(...reader.push(buffer.subarray(0, part.length)))
      buffer.fill(0xee)
    }
    expectContents(chunks)
  })

  it('accepts no records at all', () => {
    expect(read([])).toEqual([])
    expect(read([new Uint8Array(0)])).toEqual([])
  })

  it.each([
    ['in a header', 5, /5 of 8 header bytes/],
    ['right after a header', 8, /0 of 3000 payload bytes/],
    ['in a payload', 100, /92 of 3000 payload bytes/],
  ])('refuses to finish %s', (_, length, message) => {
    const reader = new ChunkRecordReader(hasher)
    reader.push(stream.subarray(0, length))
    expect(() => reader.finish()).toThrow(expect.objectContaining({ code: 'protocol' }))
    expect(() => reader.finish()).toThrow(message)
  })

  it('reports a bad header before its payload arrives, and stays broken', () => {
    const reader = new ChunkRecordReader(hasher)
    expect(reader.push(Uint8Array.of(0, 255, 255))).toEqual([])
    expect(() => reader.push(Uint8Array.of(255, 1, 255, 255, 1))).toThrow(
      /stored length is 16777215/,
    )
    expect(() => reader.push(records[0]!)).toThrow(/stored length is 16777215/)
    expect(() => reader.finish()).toThrow(/stored length is 16777215/)
  })

  it('ends with chunks or a FerryError, whatever comes', () => {
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
