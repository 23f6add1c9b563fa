// Space on the device: what may be evicted, whether a file fits, and when bytes of removed files are deleted.
import { Folder, isOwnName, type Root } from './folder.ts'
import { FerryError, type Clock } from '../core/index.ts'
import { executeQuotaErrorCallbacks } from 'workbox-core/_private/executeQuotaErrorCallbacks.js'
import type { CatalogFile } from './store.ts'
import type { Hasher } from '../codec/index.ts'
import type { Catalog } from './catalog.ts'
import type { ChunkIndex } from './runs.ts'
import type { JournalReader } from './journal.ts'

/** A response from a file may still be read for this time after the file was last opened. */
const lastUseMs = 10 * 60_000
/** Precision of `lastUsed`: repeated reads of a file must not write the catalog each time. */
export const lastUsedPrecisionMs: number = 60_000

/** The inputs of {@link evict}. */
interface EvictionQuestion {
  readonly files: readonly CatalogFile[]
  /** Bytes to free. */
  readonly need: number
  /** Epoch milliseconds. */
  readonly now: number
  /** Content ids that are being written. */
  readonly busy: ReadonlySet<string>
}

/**
 * Selects the files to evict: complete, unpinned, not in use, least recently used first, and none that is not needed.
 *
 * @returns undefined when all candidates together are not enough: then none should be evicted
 */
export function evict(question: EvictionQuestion): readonly CatalogFile[] | undefined {
  const { files, need, now, busy } = question
  const candidates = files
    .filter((file) => file.state === 'complete' && !file.pinned && !busy.has(file.content))
    .filter((file) => now - file.lastUsed > lastUseMs + lastUsedPrecisionMs)
    .toSorted((a, b) => a.lastUsed - b.lastUsed)
  const chosen: CatalogFile[] = []
  let freed = 0
  for (const file of candidates) {
    if (freed >= need) break
    chosen.push(file)
    freed += file.size
  }
  if (freed < need) return undefined
  return chosen.toReversed().filter((file) => {
    if (freed - file.size < need) return true
    freed -= file.size
    return false
  })
}

/**
 * Claims space for a file in OPFS: the file then has its full length, filled with zeros. It is exact to the byte. A
 * sync access handle is not: Chromium rounds its claim up to the next power of two, or to the next 128 MiB (156), so
 * that a file of 36 MB needs 64 MiB at first.
 *
 * @param file empty, or without an owner
 * @param bytes its length
 * @param keep called while the file is locked; when it returns false, nothing is changed
 * @returns whether there was enough space
 */
export async function claimByStream(
  file: FileSystemFileHandle,
  bytes: number,
  keep: () => Promise<boolean>,
): Promise<boolean> {
  const stream = await file.createWritable()
  try {
    await stream.truncate(bytes)
    if (!(await keep())) await stream.abort()
    else await stream.close()
    return true
  } catch (error) {
    await stream.abort().catch(() => undefined)
    if (error instanceof Error && error.name === 'QuotaExceededError') return false
    throw error
  }
}

/** Precision of the measurement, bytes. */
const gauge = 1024 * 1024

/**
 * Measures how many of the wanted bytes fit, by claiming them: `navigator.storage.estimate` is designed to reveal
 * nothing about the device (Chromium 156 reports 10 GiB more than are in use, for any quota). Without writable
 * streams (Safari before 26) all are assumed to fit.
 *
 * @param root OPFS folder for the test file
 * @param bytes wanted
 * @returns `bytes` when all fit, else the number that fits
 */
export async function claimable(root: FileSystemDirectoryHandle, bytes: number): Promise<number> {
  // After a crash the file remains; it is unreferenced, so it is swept.
  const name = `claim-${crypto.randomUUID()}`
  const file: Partial<FileSystemFileHandle> = await root.getFileHandle(name, { create: true })
  const fits = (some: number): Promise<boolean> =>
    claimByStream(file as FileSystemFileHandle, some, async () => false)
  try {
    if (file.createWritable === undefined || (await fits(bytes))) return bytes
    let [most, tooMany] = [0, bytes]
    while (tooMany - most > gauge) {
      const middle = Math.floor((most + tooMany) / 2)
      if (await fits(middle)) most = middle
      else tooMany = middle
    }
    return most
  } finally {
    await root.removeEntry(name).catch(() => undefined)
  }
}

/** Beyond this share of the quota, room is worth more than an answer that is probably over. */
const nearlyFullShare = 0.9

/**
 * Deletes bytes that this release wrote and no entry names, and those of removed files. What another realm has open
 * stays for the next time.
 */
export async function sweepFolders(parts: StoreParts): Promise<void> {
  const { root, catalog } = parts
  // Folders are listed before the catalog is read: a folder that is created in between is in the catalog already.
  const folders: string[] = []
  await root.run(async (handle) => {
    for await (const name of handle.keys()) if (isOwnName(name)) folders.push(name)
  })
  const { files, removed } = await catalog.contents()
  const known = new Set([...files, ...removed].map(({ name }) => name))
  for (const name of folders) if (!known.has(name)) await new Folder(parts, name).remove(catalog)
  const { usage = 0, quota = Infinity } = await parts.estimate()
  await deleteRemoved(parts, usage > quota * nearlyFullShare)
}

/**
 * Deletes the bytes of removed files that are neither written nor read piece by piece, and that no answer was given as
 * a file in the last ten minutes.
 *
 * @param now whether the ten minutes do not count
 */
export async function deleteRemoved(parts: StoreParts, now: boolean): Promise<void> {
  const { catalog, clock } = parts
  const removed = await catalog.removed()
  if (removed.length === 0) return
  const isBusy = await busyPredicate(parts)
  for (const { name, content, at } of removed) {
    const used = content !== undefined && isBusy(content)
    const over = now || clock.now() - at > lastUseMs + (at > 0 ? lastUsedPrecisionMs : 0)
    if (!used && over) await new Folder(parts, name).remove(catalog)
  }
}

/** The dependencies that a store passes to its parts. */
export interface StoreParts {
  readonly driver: 'sync' | 'pieces'
  /** OPFS folder with one folder for each model file. */
  readonly root: Root
  readonly catalog: Catalog
  readonly chunks: ChunkIndex
  readonly journals: JournalReader
  readonly hasher: Hasher
  readonly clock: Clock
  readonly estimate: () => Promise<StorageEstimate>
  /** Name of the Web Lock for writing a file. */
  readonly lockName: (content: string) => string
  /** Name of the Web Lock that realms share while they read a file piece by piece. */
  readonly holdName: (content: string) => string
  /** Name of the BroadcastChannel with the heartbeats of lock holders. */
  readonly channelName: string
}

/** Space for journals, catalog and the browser's overhead. */
const spareBytes = 8 * 1024 * 1024

/** Room that is measured in addition, bytes: small files that follow at once need no measurement of their own. */
const aheadBytes = 32 * 1024 * 1024
const aheadMs = 1000

/** Space that is wanted for a file. */
interface SpaceRequest {
  readonly bytes: number
  readonly content: string
}

interface SpaceReservation extends SpaceRequest {
  readonly resolve: (evicted: readonly string[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Reserves space for the files of one realm. See `Store.reserve`. Requests that come while the space is measured are
 * measured together: a measurement costs several calls, and the files of a model are often requested at once.
 */
export class SpaceReservations {
  readonly #parts: StoreParts
  #waiting: SpaceReservation[] = []
  #measuring = false
  /** Room that was measured and is not reserved yet, bytes, and until when that may be believed. */
  #spare = 0
  #spareUntil = 0

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  reserve(bytes: number, content: string): Promise<readonly string[]> {
    if (bytes <= this.#spare && this.#parts.clock.now() < this.#spareUntil) {
      this.#spare -= bytes
      return Promise.resolve([])
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, content, resolve, reject })
      if (!this.#measuring) void this.#measure()
    })
  }

  async #measure(): Promise<void> {
    this.#measuring = true
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0)
      const some = { bytes: aheadBytes, content: '' }
      const missing = await lacking(this.#parts, [...group, some]).catch(() => Infinity)
      const fits = missing <= aheadBytes
      this.#spare = fits ? aheadBytes - Math.max(0, missing) : 0
      this.#spareUntil = this.#parts.clock.now() + aheadMs
      // A file that does not fit must not fail the others.
      for (const { resolve, reject, ...wanted } of group)
        if (fits) resolve([])
        else await makeSpace(this.#parts, wanted).then(resolve, reject)
    }
    this.#measuring = false
  }
}

async function makeSpace(parts: StoreParts, wanted: SpaceRequest): Promise<readonly string[]> {
  const { bytes, content } = wanted
  if ((await lacking(parts, [wanted])) <= 0) return []
  await sweepFolders(parts)
  await executeQuotaErrorCallbacks()
  const need = await lacking(parts, [wanted])
  if (need <= 0) return []
  const { files } = await parts.catalog.contents()
  const now = parts.clock.now()
  const busy = new Set(files.map((file) => file.content).filter(await busyPredicate(parts))).add(
    content,
  )
  const chosen = evict({ files, need, now, busy })
  if (chosen === undefined) throw noSpace(bytes, need)
  for (const { content: leaving, name } of chosen) {
    await parts.catalog.updateFile(leaving, now, () => undefined)
    // No response can still be reading this file, so its bytes are deleted at once.
    await new Folder(parts, name).remove(parts.catalog)
  }
  const still = await lacking(parts, [wanted])
  if (still > 0) throw noSpace(bytes, still)
  return chosen.map((file) => file.content)
}

/** Missing space; the unwritten bytes of other started files count as used. */
async function lacking(parts: StoreParts, wanted: readonly SpaceRequest[]): Promise<number> {
  const [{ usage = 0, quota = Infinity }, { files }] = await Promise.all([
    parts.estimate(),
    parts.catalog.contents(),
  ])
  const measure = async (bytes: number): Promise<number> => {
    const all = bytes + spareBytes
    return Math.max(
      usage + all - quota,
      all - (await parts.root.run((root) => claimable(root, all))),
    )
  }
  const asked = new Map(wanted.map(({ bytes, content }) => [content, bytes]))
  let promised = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
  const partial = files.filter(({ state }) => state === 'partial')
  const others = partial.filter(({ content }) => !asked.has(content))
  // If the space is enough although none of the files has claimed any yet, they need not be checked one by one.
  const most = promised + others.reduce((sum, { size }) => sum + size, 0)
  const missing = await measure(most)
  if (missing <= 0 || partial.length === 0) return missing
  const isBusy = await busyPredicate(parts)
  for (const file of partial) {
    const own = asked.get(file.content)
    if (own === undefined && !isBusy(file.content)) continue
    const size = await new Folder(parts, file.name).size().catch(() => 0)
    // A file that is written in place has claimed its whole size already.
    if (own === undefined) promised += Math.max(0, file.size - size)
    else if (parts.driver === 'sync') promised -= Math.min(own, Math.max(0, size - file.held))
  }
  return await measure(promised)
}

/** @returns whether a file is being written, or read piece by piece */
async function busyPredicate({
  lockName,
  holdName,
}: StoreParts): Promise<(content: string) => boolean> {
  const { held = [] } = await navigator.locks.query()
  const names = new Set(held.map(({ name }) => name))
  return (content) => names.has(lockName(content)) || names.has(holdName(content))
}

function noSpace(bytes: number, need: number): FerryError {
  return new FerryError(
    'quota',
    `There is no room for ${bytes} bytes: ${need} more are needed, and no stored file may be evicted for them. Remove or unpin files, or free disk space.`,
  )
}
