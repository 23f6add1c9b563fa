import { createSHA256 } from 'hash-wasm'
import { ChunkRecordReader } from '../../src/codec/ChunkRecordReader.ts'
import { createHasher } from '../../src/codec/createHasher.ts'
import { createPlainHasher } from '../../src/codec/createPlainHasher.ts'
import { createSha256 } from '../../src/codec/createSha256.ts'
import type { Hasher } from '../../src/codec/Hasher.ts'
import { xorbHash } from '../../src/codec/xorbHash.ts'
import type { Sample } from '../Sample.ts'
import { codecPeer } from './codecPeer.ts'
import type { CodecSubject } from './CodecSubject.ts'
import { peerHasher } from './peerHasher.ts'

const refuse = (): Promise<never> => Promise.reject(new WebAssembly.CompileError('refused'))
const hashers: Readonly<Record<string, Hasher>> = {
  [codecPeer]: await peerHasher(),
  modelferry: await createHasher(),
  'modelferry, no WebAssembly': createPlainHasher(),
}

/** Hashes bytes in parts; returns hex. */
type Digest = (parts: readonly Uint8Array[]) => Promise<string>

const own =
  (open?: typeof refuse): Digest =>
  async (parts) => {
    const sha = await createSha256(open)
    for (const part of parts) sha.update(part)
    return sha.hex()
  }
const digests: Readonly<Record<string, Digest>> = {
  async [codecPeer](parts) {
    const sha = (await createSHA256()).init()
    for (const part of parts) sha.update(part)
    return sha.digest('hex')
  },
  modelferry: own(),
  'modelferry, no WebAssembly': own(refuse),
}

/** What the page offers: all ways once through all subjects, in milliseconds for each million bytes. */
async function measureCodec(subjects: readonly CodecSubject[], round: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const { name, size, records } of subjects) {
    const bytes = Uint8Array.from(atob(records), (character) => character.charCodeAt(0))
    const seen = new Set<string>()
    for (const [variant, hasher] of Object.entries(hashers)) {
      const start = performance.now()
      const reader = new ChunkRecordReader(hasher)
      const rows = reader.push(bytes).map((chunk) => ({ ...chunk, length: chunk.bytes.length }))
      reader.finish()
      seen.add(xorbHash(rows, hasher))
      samples.push(sample(name, variant, round, start, size))
    }
    if (seen.size > 1) throw new Error(`${name}: the hashes differ: ${[...seen].join(', ')}`)
  }
  const part = new Uint8Array(2 ** 20).map((_, at) => at)
  const parts = Array.from({ length: 16 }, () => part)
  const seen = new Set<string>()
  for (const [variant, digest] of Object.entries(digests)) {
    const start = performance.now()
    seen.add(await digest(parts))
    samples.push(sample('SHA-256', variant, round, start, 16 * part.length))
  }
  if (seen.size > 1) throw new Error(`SHA-256: the hashes differ: ${[...seen].join(', ')}`)
  return samples
}

function sample(
  subject: string,
  variant: string,
  round: number,
  start: number,
  size: number,
): Sample {
  return { subject, variant, round, value: ((performance.now() - start) * 1e6) / size }
}

Object.assign(globalThis, { measureCodec })
