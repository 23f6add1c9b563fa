import * as v from 'valibot'
import { fileHash } from '../../src/codec/xet-hash.ts'
import { hexToHash } from '../../src/codec/xet-hash.ts'
import { xorbHash } from '../../src/codec/xet-hash.ts'
import { expectSame } from './expectSame.ts'
import { sharedHasher } from './sharedHasher.ts'

const schema = v.object({
  chunks: v.array(v.tuple([v.string(), v.pipe(v.number(), v.safeInteger())])),
  root: v.string(),
  file: v.string(),
})

/** Group `files`: a list of chunks, its merkle root (the hash of such a xorb) and its file hash. */
export async function checkFile(entry: unknown): Promise<void> {
  const { chunks, root, file } = v.parse(schema, entry)
  const rows = chunks.map(([hex, length]) => ({ hash: hexToHash(hex), length }))
  const hasher = await sharedHasher
  expectSame('root', xorbHash(rows, hasher), root)
  expectSame('file hash', fileHash(rows, hasher), file)
}
