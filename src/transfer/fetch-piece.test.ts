import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { ByteSet } from '../core/bytes.ts'
import type { Run } from '../reconstruction/record-store.ts'
import type { DecodedChunk } from '../codec/chunk-record.ts'
import { RunWriter, SliceDecoder, sliceLength } from './fetch-piece.ts'
import { MemoryFile } from './testing/MemoryFile.ts'

const hasher = await createHasher()

function chunksOf(lengths: readonly number[]): DecodedChunk[] {
  return lengths.map((length, index) => {
    const bytes = new Uint8Array(length).fill(index + 1)
    return { bytes, length, hash: hasher.chunk(bytes) }
  })
}

function runOf(chunks: readonly DecodedChunk[], first: number, offset: number): Run {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return { xorb: 'x', chunks: { start: first, end: first + chunks.length }, offset, length }
}

test('takes only its own chunks of a descriptor', async () => {
  const file = new MemoryFile('c', 100, hasher).begin()
  const chunks = chunksOf([5, 6, 7, 8])
  const run = runOf(chunks.slice(1, 3), 11, 20)
  const writer = new RunWriter(run, { start: 0, end: 100 }, new ByteSet(), file)
  for (const [index, chunk] of chunks.entries()) writer.take(chunk, 10 + index)
  expect(await writer.end()).toMatchObject({ xorb: 'x', chunk: 11, offset: 20 })
  expect([writer.taken, writer.kept]).toEqual([13, 13])
  expect(Array.from(file.bytes.subarray(19, 34))).toEqual([
    0,
    ...Array<number>(6).fill(2),
    ...Array<number>(7).fill(3),
    0,
  ])
})

test('adjacent ranges write every byte once, for any boundary', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 9 })
  await fc.assert(
    fc.asyncProperty(lengths, fc.array(fc.nat(180), { maxLength: 3 }), async (list, borders) => {
      const chunks = chunksOf(list)
      const size = list.reduce((sum, length) => sum + length, 0)
      const file = new MemoryFile('c', size, hasher).begin()
      const held = new ByteSet()
      const edges = [0, ...borders.map((at) => at % size).toSorted((a, b) => a - b), size]
      for (const [index, end] of edges.entries()) {
        const own = { start: edges[index - 1] ?? 0, end }
        const writer = new RunWriter(runOf(chunks, 0, 0), own, held, file)
        for (const [at, chunk] of chunks.entries()) writer.take(chunk, at)
        expect(writer.taken).toBe(size)
        const run = await writer.end()
        if (!run) continue
        await file.commit(run)
        held.add({ start: run.offset, end: run.offset + writer.kept })
      }
      expect(file.held.ranges).toEqual([{ start: 0, end: size }])
      await file.finish('xet')
    }),
  )
})

test('connections that write slowly at once, from memory that is used again, write the right bytes', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 131_072 }), { minLength: 20, maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(fc.array(lengths, { minLength: 2, maxLength: 5 }), async (lists) => {
      const size = lists.flat().reduce((sum, length) => sum + length, 0)
      const file = new MemoryFile('c', size, hasher).begin()
      const write = file.write.bind(file)
      // A slow disk reads the bytes while other connections go on.
      file.write = async (offset, bytes) => {
        await new Promise((resolve) => setTimeout(resolve, bytes.length % 3))
        await write(offset, bytes)
      }
      const decoded = new Uint8Array(131_072)
      let offset = 0
      const connections = lists.map(async (list, number) => {
        const chunks = chunksOf(list)
        const run = runOf(chunks, 0, offset)
        offset += run.length
        await Promise.resolve()
        const own = { start: run.offset, end: run.offset + run.length }
        const writer = new RunWriter(run, own, new ByteSet(), file)
        for (const [index, { length, hash }] of chunks.entries()) {
          const bytes = decoded.subarray(0, length).fill(index + number)
          writer.take({ bytes, length, hash }, index)
          if (writer.waiting >= 2 ** 20) await writer.end()
        }
        await writer.end()
        writer.release()
      })
      await Promise.all(connections)
      let at = 0
      for (const [number, list] of lists.entries())
        for (const [index, length] of list.entries()) {
          const chunk = new Uint8Array(length).fill(index + number)
          expect(Buffer.compare(file.bytes.subarray(at, at + length), chunk)).toBe(0)
          at += length
        }
    }),
    { numRuns: 8 },
  )
})

test('committed bytes at the start of the range are not written again', async () => {
  const file = new MemoryFile('c', 30, hasher).begin()
  const held = new ByteSet([{ start: 0, end: 10 }])
  const chunks = chunksOf([10, 10, 10])
  const writer = new RunWriter(runOf(chunks, 0, 0), { start: 0, end: 30 }, held, file)
  for (const [index, chunk] of chunks.entries()) writer.take(chunk, index)
  expect(await writer.end()).toMatchObject({ chunk: 1, offset: 10 })
  expect(file.bytes[0]).toBe(0)
})

test('chunks that would overlap committed bytes are refused', async () => {
  const file = new MemoryFile('c', 30, hasher).begin()
  const held = new ByteSet([{ start: 15, end: 30 }])
  const chunks = chunksOf([10, 10, 10])
  const writer = new RunWriter(runOf(chunks, 0, 0), { start: 0, end: 15 }, held, file)
  for (const [index, chunk] of chunks.entries()) writer.take(chunk, index)
  await expect(writer.end()).rejects.toMatchObject({ code: 'integrity', retryable: true })
})

test('each call of end writes the chunks since the last one, in one part', async () => {
  const file = new MemoryFile('c', 10 * 2 ** 20, hasher).begin()
  const writes: number[] = []
  const write = file.write.bind(file)
  file.write = (offset, bytes) => {
    writes.push(bytes.length)
    return write(offset, bytes)
  }
  const chunks = chunksOf(Array<number>(160).fill(65_536))
  const writer = new RunWriter(
    runOf(chunks, 0, 0),
    { start: 0, end: file.size },
    new ByteSet(),
    file,
  )
  for (const [index, chunk] of chunks.entries()) {
    writer.take(chunk, index)
    if (writer.waiting >= 2 * 2 ** 20) await file.commit((await writer.end())!)
  }
  expect(await writer.end()).toBeUndefined()
  expect(writes).toEqual([2, 2, 2, 2, 2].map((mebi) => mebi * 2 ** 20))
  expect(file.committed.map(({ chunk, offset }) => [chunk, offset / 2 ** 20])).toEqual([
    [0, 0],
    [32, 2],
    [64, 4],
    [96, 6],
    [128, 8],
  ])
  await file.finish('xet')
})

describe('slices of a plain file', () => {
  const bytes = new Uint8Array(2.3 * sliceLength).map((_, at) => (at * 13) ^ (at >> 9))

  function slicesOf(parts: readonly Uint8Array<ArrayBuffer>[]): DecodedChunk[] {
    const decoder = new SliceDecoder(hasher)
    // Copied, because the next slice is made in the same bytes.
    const kept = (slices: Iterable<DecodedChunk>): DecodedChunk[] =>
      Array.from(slices, (slice) => ({ ...slice, bytes: slice.bytes.slice() }))
    return [...parts.flatMap((part) => kept(decoder.push(part))), ...kept(decoder.finish())]
  }

  const [whole, half] = [slicesOf([bytes]), slicesOf([bytes.slice(0, sliceLength / 2)])]

  test('slices have one length, except a shorter last one, and a hash', () => {
    expect(whole.map(({ length }) => length)).toEqual([
      sliceLength,
      sliceLength,
      bytes.length - 2 * sliceLength,
    ])
    expect(half).toHaveLength(1)
    expect(Buffer.concat(whole.map((slice) => slice.bytes)).equals(bytes)).toBe(true)
    for (const slice of whole) expect(slice.hash).toEqual(hasher.chunk(slice.bytes))
    expect(slicesOf([])).toEqual([])
    expect(slicesOf([bytes.slice(0, sliceLength)])).toHaveLength(1)
  })

  test('any split of the input gives the same slices', () => {
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, (list) => {
        const edges = [0, ...list.toSorted((a, b) => a - b), bytes.length]
        const parts = edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
        const slices = slicesOf(parts)
        expect(slices.map(({ hash }) => hash)).toEqual(whole.map(({ hash }) => hash))
      }),
      { numRuns: 25 },
    )
  })
})
