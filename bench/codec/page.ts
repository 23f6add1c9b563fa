import { createSHA256 } from 'hash-wasm'
import { ChunkRecordReader, type Hasher } from '../../src/codec/chunk-record.ts'
import { createHasher, createPlainHasher } from '../../src/codec/hasher.ts'
import { createSha256 } from '../../src/codec/sha256.ts'
import { xorbHash } from '../../src/codec/xet-hash.ts'
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

/** Runs all variants once on all subjects, in milliseconds per million bytes. */
async function measureCodec(subjects: readonly CodecSubject[], round: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const { name, size, records } of subjects) {
    const bytes = Uint8Array.from(atob(records), (character) => character.charCodeAt(0))
    const seen = new Set<string>()
    for (const [variant, hasher] of Object.entries(hashers)) {
      const ms = await fastest(() => {
        const reader = new ChunkRecordReader(hasher)
        const rows = [...reader.push(bytes)]
        reader.finish()
        seen.add(xorbHash(rows, hasher))
      })
      samples.push({ subject: name, variant, round, value: (ms * 1e6) / size })
    }
    if (seen.size > 1) throw new Error(`${name}: the hashes differ: ${[...seen].join(', ')}`)
  }
  const parts = [new Uint8Array(2 ** 20).map((_, at) => at)]
  const seen = new Set<string>()
  for (const [variant, digest] of Object.entries(digests)) {
    const ms = await fastest(async () => seen.add(await digest(parts)))
    samples.push({ subject: 'SHA-256', variant, round, value: (ms * 1e6) / 2 ** 20 })
  }
  if (seen.size > 1) throw new Error(`SHA-256: the hashes differ: ${[...seen].join(', ')}`)
  return samples
}

/** Milliseconds of the work without interference: the minimum of ten runs. */
async function fastest(work: () => unknown): Promise<number> {
  let least = Infinity
  for (let time = 0; time < 10; time++) {
    const start = performance.now()
    await work()
    least = Math.min(least, performance.now() - start)
  }
  return least
}

Object.assign(globalThis, { measureCodec })
