// How a file's bytes are proven before the store keeps them under its content id: at the end of a download, or as a body
// that came whole with the file info.
import { createSha256 } from '../codec/index.ts'
import { hexOf } from '../core/index.ts'
import { hashesIn } from '../address/index.ts'
import { SliceDecoder } from './fetch-piece.ts'
import type { FileInfo } from '../data/index.ts'
import type { JournalRun, PartialFile, Proof } from '../store/index.ts'
import type { ChunkVerifier } from './chunk-verifier.ts'
import type { DownloadTools } from './file-source.ts'

/** Bytes that are read from the disk at once. */
const step = 8 * 2 ** 20

/**
 * Compares the committed file with the hub's info: the Xet file hash over all chunks, else SHA-256 over all bytes,
 * else (without a hash) only the length. Bytes count only if their content id contains the hash that they match.
 *
 * @param isReadable false when bytes that were delivered are gone, and nothing is kept: then only the length is compared
 * @returns the proof of the file; undefined when it does not match
 */
export async function proveFile(
  info: FileInfo,
  verifier: ChunkVerifier,
  file: PartialFile,
  isReadable: boolean,
): Promise<Proof | undefined> {
  const { size, xetHash, content } = info
  if (!verifier.held.covers({ start: 0, end: size })) return undefined
  if (xetHash !== undefined && verifier.fileHash() === xetHash) return 'xet'
  // Bytes from the file's own URL have no chunks.
  if (xetHash !== undefined && verifier.runs.every(({ xorb }) => xorb !== '')) return undefined
  const named = hashesIn(content)
  const sha256 = named.sha256 ?? (named.xetHash === undefined ? info.sha256 : undefined)
  if (!isReadable) return 'length'
  if (sha256 === undefined) return named.xetHash === undefined ? 'length' : undefined
  const hash = await createSha256()
  for (let start = 0; start < size; start += step)
    hash.update(await file.read({ start, end: Math.min(size, start + step) }))
  if (hash.hex() !== sha256) return undefined
  return info.sha256 === undefined ? 'length' : 'sha256'
}

/** Up to this size a file on Xet is also compared with its SHA-256 before its end is delivered, bytes. */
export const mostCompared: number = 16 * 2 ** 20

/**
 * Compares a file that its Xet hash has proven with the SHA-256 that the hub has announced with it: the hub may have
 * announced the Xet hash of another file.
 *
 * @returns the SHA-256 of the bytes where it is another one; undefined also for large files, which are compared at rest
 */
export async function contradictingSha256(
  { content, size }: FileInfo,
  file: PartialFile,
): Promise<string | undefined> {
  const announced = hashesIn(content).sha256
  if (announced === undefined || size > mostCompared) return undefined
  const bytes = await file.read({ start: 0, end: size })
  const sha256 = hexOf(await crypto.subtle.digest('SHA-256', bytes))
  return sha256 === announced ? undefined : sha256
}

/** Small files in the memory of this realm, at most and now, bytes. */
const mostStaged = 2 ** 25
/** How often a proven file looks for others before it is written. */
const mostLooks = 40
/** Between two looks, milliseconds. */
const lookMs = 25

let stagedBytes = 0
/** Those that are not proven yet. */
const unproven = new Set<Uint8Array>()
/** The ends of those that are proven. */
const writes = new Set<Promise<void>>()

const nothing = async (): Promise<void> => {}

/**
 * A small file in memory until it is proven: its readers get it then, and it is written when no other one is being
 * fetched any more. The calls for it would delay the others.
 *
 * @param verifier has its runs
 * @param proven receives its bytes
 * @returns undefined for a file that is on the device in part, and where the memory is used
 */
export async function stagedFile(
  { store, net }: Pick<DownloadTools, 'store' | 'net'>,
  { content, size }: FileInfo,
  verifier: ChunkVerifier,
  proven: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<PartialFile | undefined> {
  if ((await store.entry(content)) || stagedBytes + size > mostStaged) return undefined
  stagedBytes += size
  const bytes = new Uint8Array(size)
  unproven.add(bytes)
  return {
    content,
    size,
    place: '',
    committed: [],
    // The verifier knows the runs.
    commit: nothing,
    drop: nothing,
    flush: nothing,
    discard: nothing,
    write: async (offset, part) => bytes.set(part, offset),
    read: async ({ start, end }) => bytes.slice(start, end),
    close: async () => {
      stagedBytes -= size
      unproven.delete(bytes)
    },
    finish: async (proof) => {
      unproven.delete(bytes)
      const write = async (): Promise<void> => {
        for (let looks = 0; looks < mostLooks && unproven.size > 0; looks++)
          await net.clock.sleep(lookMs)
        // A realm that was frozen has lost its lock, and another one writes the file.
        if (!(await store.entry(content)))
          await writeWhole(await store.begin(content, size), bytes, verifier.runs, proof)
      }
      const end = write()
      writes.add(end)
      proven(bytes)
      await end.finally(() => writes.delete(end))
    },
  }
}

/**
 * Writes the proven files of this realm now: who has got one may ask for it on the device, remove it, or pin it.
 */
export async function writeStaged(): Promise<void> {
  // They wait for these.
  unproven.clear()
  await Promise.allSettled(writes)
}

async function writeWhole(
  file: PartialFile,
  bytes: Uint8Array,
  runs: readonly JournalRun[],
  proof: Proof,
): Promise<void> {
  try {
    await file.write(0, bytes)
    for (const run of runs) await file.commit(run)
    await file.finish(proof)
  } finally {
    await file.close()
  }
}

/**
 * Stores a file whose bytes are all available. It does nothing while another realm is writing the same file, or has
 * left a partial one.
 *
 * @param body the whole file, which is not on Xet, as its server sent it
 * @returns whether these bytes were stored
 * @throws FerryError `quota`, `storage`, `superseded`
 */
export async function keepBody(
  { store, hasher }: Pick<DownloadTools, 'store' | 'hasher'>,
  { content, size }: FileInfo,
  body: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const kept = await store.lock(content, { ifAvailable: true }, async (signal) => {
    if (await store.file(content)) return false
    const file = await store.begin(content, size, { signal })
    if (file.committed.length > 0) {
      await file.close()
      return false
    }
    const decoder = new SliceDecoder(hasher)
    const slices = [...decoder.push(body), ...decoder.finish()]
    const rows = slices.map(({ hash, length }) => ({ hash, length }))
    const run = { xorb: '', chunk: 0, offset: 0, rows }
    await writeWhole(file, body, rows.length > 0 ? [run] : [], 'length')
    return true
  })
  return kept ?? false
}
