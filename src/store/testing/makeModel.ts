import { type ChunkRow, type Hasher } from '../../codec/chunk-record.ts'
import { fileHash } from '../../codec/xet-hash.ts'
import type { JournalRun } from '../runs.ts'

/** A synthetic model file with all its metadata for the store. */
export interface Model {
  readonly content: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly runs: readonly JournalRun[]
}

/**
 * Makes the same model for the same seed in every realm.
 *
 * @param seed any integer
 * @param size bytes
 * @param chunk largest chunk, bytes; chunks are between a half of it and all of it
 * @param perRun chunks of one run; each run is of a separate xorb
 */
export function makeModel(
  hasher: Hasher,
  seed: number,
  size: number,
  chunk = 65_536,
  perRun = 8,
): Model {
  const next = random(seed)
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let at = 0; at < words.length; at++) words[at] = next()
  const bytes = new Uint8Array(words.buffer, 0, size)
  const rows: ChunkRow[] = []
  for (let at = 0; at < size;) {
    const length = Math.min(size - at, chunk - (next() % (chunk / 2)))
    rows.push({ hash: hasher.chunk(bytes.subarray(at, at + length)), length })
    at += length
  }
  const runs: JournalRun[] = []
  let offset = 0
  for (let at = 0; at < rows.length; at += perRun) {
    const some = rows.slice(at, at + perRun)
    const xorb = Array.from({ length: 64 }, () => (next() % 16).toString(16)).join('')
    runs.push({ xorb, chunk: next() % 100, offset, rows: some })
    for (const row of some) offset += row.length
  }
  return { content: `xet:${fileHash(rows, hasher)}`, bytes, runs }
}

function random(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}
