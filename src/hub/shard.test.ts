import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HubRefusal } from './refusals.ts'
import { writeShard } from './testing/writeShard.ts'
import { parseShard } from './shard.ts'
import { serializeShard } from './shard.ts'

const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex').replace(/^f/, '0'))
const u16 = fc.nat(8191)
const shard = fc.record({
  files: fc.array(
    fc.record(
      {
        hash,
        terms: fc.array(
          fc.record({ xorb: hash, length: fc.nat(), start: u16, rangeHash: hash }).map((term) => ({
            ...term,
            end: term.start + 1,
          })),
          { maxLength: 4 },
        ),
        sha256: hash,
      },
      { requiredKeys: ['hash', 'terms'] },
    ),
    { maxLength: 4 },
  ),
  xorbs: fc.array(
    fc.record({ hash, chunks: fc.array(fc.record({ hash, length: fc.nat() }), { maxLength: 4 }) }),
    { maxLength: 4 },
  ),
})

async function parseOrRefuse(bytes: Uint8Array): Promise<void> {
  try {
    await parseShard(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(HubRefusal)
    expect((error as HubRefusal).status).toBe(400)
  }
}

test('parses a written shard', async () => {
  await fc.assert(
    fc.asyncProperty(shard, async (given) => {
      expect(await parseShard(writeShard(given))).toEqual(given)
    }),
  )
})

test('refuses damaged, truncated and random shards with a HubRefusal', async () => {
  await fc.assert(
    fc.asyncProperty(shard, fc.nat(), fc.nat(255), fc.nat(), async (given, at, value, cut) => {
      const bytes = writeShard(given)
      bytes[at % bytes.byteLength] = value
      await parseOrRefuse(bytes)
      await parseOrRefuse(bytes.subarray(0, cut % bytes.byteLength))
    }),
  )
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), parseOrRefuse))
})

test('refuses impossible counts at once', async () => {
  const bytes = writeShard({ files: [{ hash: '0'.repeat(64), terms: [] }], xorbs: [] })
  new DataView(bytes.buffer).setUint32(48 + 36, 0xffff_ffff, true)
  await expect(parseShard(bytes)).rejects.toThrow('needs 4294967295 rows')
})

test('the hub parses its own shards, with keyed chunk hashes and lookup tables', async () => {
  const chunk = { hash: '1'.repeat(64), offset: 0, stored: 18, length: 10 }
  const xorbs = [
    { hash: '2'.repeat(64), sequence: 1, bytes: 18, chunks: [chunk] },
    { hash: '0'.repeat(64), sequence: 2, bytes: 18, chunks: [chunk, { ...chunk, offset: 18 }] },
  ]
  const bytes = await serializeShard(xorbs, new Uint8Array(32).fill(7), 1000, 60)
  const { files, xorbs: read } = await parseShard(bytes)
  expect(files).toEqual([])
  expect(read.map(({ hash, chunks }) => [hash, chunks.length])).toEqual([
    ['2'.repeat(64), 1],
    ['0'.repeat(64), 2],
  ])
  expect(read[0]!.chunks[0]!.hash).not.toBe(chunk.hash)
  const view = new DataView(bytes.buffer, bytes.byteLength - 200)
  const u64 = (field: number): number => Number(view.getBigUint64(8 * field, true))
  const [xorbLookup, chunkLookup] = [u64(5), u64(7)]
  expect([u64(0), u64(1), u64(2), u64(4), u64(6), u64(8)]).toEqual([1, 48, 96, 0, 2, 3])
  expect([chunkLookup - xorbLookup, bytes.byteLength - 200 - chunkLookup]).toEqual([24, 48])
  expect([u64(13), u64(14), u64(24)]).toEqual([1000, 1060, bytes.byteLength - 200])
  const rows = new DataView(bytes.buffer, xorbLookup)
  expect([rows.getUint32(8, true), rows.getUint32(20, true)]).toEqual([2, 0])
})

test('other work continues while a long shard is parsed, and while one is written', async () => {
  const chunk = { hash: '1'.repeat(64), offset: 0, stored: 18, length: 10 }
  const xorbs = Array.from({ length: 12 }, (_, index) => ({
    hash: String(index).padStart(64, '0'),
    sequence: index,
    bytes: 18,
    chunks: Array.from({ length: 8192 }, () => chunk),
  }))
  const turnsDuring = async <Value>(work: Promise<Value>): Promise<[Value, number]> => {
    let turns = 0
    let running = true
    const turn = (): void => {
      turns++
      if (running) setImmediate(turn)
    }
    setImmediate(turn)
    const value = await work
    running = false
    return [value, turns]
  }
  const [bytes, written] = await turnsDuring(serializeShard(xorbs, new Uint8Array(32), 1000, 60))
  expect(written).toBeGreaterThan(2)
  const [shard, read] = await turnsDuring(parseShard(bytes))
  expect(shard.xorbs).toHaveLength(12)
  expect(read).toBeGreaterThan(2)
})
