import * as v from 'valibot'
import { hashToHex } from '../../src/codec/xet-hash.ts'
import { bytesOf } from './bytesOf.ts'
import { bytesValueSchema } from './bytesValueSchema.ts'
import { expectSame } from './expectSame.ts'
import { sharedHasher } from './sharedHasher.ts'

const schema = v.object({ input: bytesValueSchema, hash: v.string() })

/** Group `chunkHashes`: bytes and their chunk hash. */
export async function checkChunkHash(entry: unknown): Promise<void> {
  const { input, hash } = v.parse(schema, entry)
  expectSame('chunk hash', hashToHex((await sharedHasher).chunk(bytesOf(input))), hash)
}
