import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { ChunkRecordReader } from '../../src/codec/chunk-record.ts'
import { decodeChunkRecord } from '../../src/codec/chunk-record.ts'
import { hashToHex } from '../../src/codec/xet-hash.ts'
import { parseChunkHeader } from '../../src/codec/chunk-record.ts'
import { bytesOf } from './bytesOf.ts'
import { bytesValueSchema } from './bytesValueSchema.ts'
import { expectSame } from './expectSame.ts'
import { sharedHasher } from './sharedHasher.ts'

const schema = v.object({
  scheme: v.number(),
  record: bytesValueSchema,
  expect: v.union([v.strictObject({ sha256: v.string(), length: v.number() }), bytesValueSchema]),
  hash: v.string(),
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Group `chunkRecords`: a record, its uncompressed bytes and its chunk hash; decoded at once, and as a stream in two parts. */
export async function checkChunkRecord(entry: unknown): Promise<void> {
  const vector = v.parse(schema, entry)
  const record = bytesOf(vector.record)
  const expected =
    typeof vector.expect === 'object' && 'sha256' in vector.expect
      ? vector.expect
      : { sha256: sha256(bytesOf(vector.expect)), length: bytesOf(vector.expect).length }
  expectSame('scheme', parseChunkHeader(record).scheme, vector.scheme)

  const bytes = decodeChunkRecord(record)
  expectSame('length', bytes.length, expected.length)
  expectSame('SHA-256', sha256(bytes), expected.sha256)

  const reader = new ChunkRecordReader(await sharedHasher)
  const cut = record.length >> 1
  const chunks = [...reader.push(record.subarray(0, cut)), ...reader.push(record.subarray(cut))]
  reader.finish()
  expectSame('number of streamed chunks', chunks.length, 1)
  expectSame('streamed bytes', sha256(chunks[0]!.bytes), expected.sha256)
  expectSame('chunk hash', hashToHex(chunks[0]!.hash), vector.hash)
}
