// The store on OPFS and IndexedDB: what realms that download use. It wires catalog, journals, quota and locks.
import { publicGrant } from '../address/index.ts'
import { beginPartial } from './begin-partial.ts'
import type { Branches } from './branches.ts'
import { Catalog, grantUrl, similarUrls, withoutGrants } from './catalog.ts'
import {
  heldChunks,
  ChunkIndex,
  rowsMatch,
  rowsWithin,
  rowStretches,
  runEnd,
  type HeldRun,
  type HeldChunk,
  type JournalRun,
} from './runs.ts'
import { Folder, ifMissing } from './folder.ts'
import { JournalReader } from './journal.ts'
import { withFileLock } from './lock.ts'
import { deleteRemoved, sweepFolders, SpaceReservations, type StoreParts } from './quota.ts'
import { StoreReader, openReaderParts } from './reader.ts'
import { mergePieces, verifyFile } from './verify.ts'
import { chooseDriver } from './writer.ts'
import type { Hasher } from '../codec/index.ts'
import type { ByteRange } from '../core/index.ts'
import type { FileInfo } from '../data/index.ts'
import type {
  BeginOptions,
  CatalogMissing,
  CatalogUrl,
  LockOptions,
  PartialFile,
  Store,
  StoredFile,
  Usage,
  Verification,
  VerifyOptions,
  StoreOptions,
} from './store.ts'

/** Unit of reading, bytes. */
const stretchBytes = 4 * 1024 * 1024

/**
 * Reads committed bytes of a file that another realm may be writing. Whole chunks are read and hashed, so that no
 * race between the realms can show a wrong byte.
 *
 * @param held by ascending offset
 * @returns undefined when the range is not completely committed, or its hash does not match at the moment
 */
async function peekPartial(
  held: readonly HeldRun[],
  folder: Folder,
  range: ByteRange,
  hasher: Hasher,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(range.end - range.start)
  let next = range.start
  for (const run of held) {
    if (next >= range.end) break
    if (run.offset > next || runEnd(run) <= next) continue
    for (const stretch of rowStretches(rowsWithin(run, range), stretchBytes)) {
      const read = await folder.read(run.parts, stretch.start, stretch.end)
      if (read === undefined || !rowsMatch(read, stretch.rows, hasher)) return undefined
      const end = Math.min(stretch.end, range.end)
      if (end <= next) continue
      bytes.set(read.subarray(next - stretch.start, end - stretch.start), next - range.start)
      next = end
    }
  }
  return next >= range.end ? bytes : undefined
}

/** The store over OPFS and IndexedDB. Every call reads the catalog: it has no state of its own. */
class OpfsStore extends StoreReader implements Store {
  declare readonly branches: Branches
  readonly driver: 'sync' | 'pieces'
  readonly #parts: StoreParts
  readonly #reservations: SpaceReservations

  constructor(parts: StoreParts) {
    super(parts)
    this.#parts = parts
    this.#reservations = new SpaceReservations(parts)
    this.driver = parts.driver
  }

  url(url: string): Promise<CatalogUrl | undefined> {
    return this.#parts.catalog.url(url)
  }

  saveUrl(info: FileInfo, grant: string): Promise<void> {
    return this.#parts.catalog.updateUrl(info.url, grant, (old) => grantUrl(old, info, grant))
  }

  dropUrl(url: string, grant: string): Promise<void> {
    return this.#parts.catalog.updateUrl(url, grant, (old) =>
      withoutGrants(old, [grant, publicGrant]),
    )
  }

  saveMissing(entry: CatalogMissing): Promise<void> {
    return this.#parts.catalog.saveMissing(entry)
  }

  async similar(url: string, grant: string): Promise<readonly CatalogUrl[]> {
    const { urls } = await this.#parts.catalog.stretch(`${new URL(url).origin}/`, grant)
    return similarUrls(urls, url, grant)
  }

  forgetUrls(isGone: (url: string) => boolean): Promise<number> {
    return this.#parts.catalog.forgetUrls(isGone)
  }

  session(app: string): Promise<readonly string[]> {
    return this.#parts.catalog.session(app)
  }

  changeSession(
    app: string,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<void> {
    return this.#parts.catalog.changeSession(app, change)
  }

  async peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { hasher, journals } = this.#parts
    const entry = await this.entry(content)
    if (entry === undefined || range.start < 0 || range.end > entry.size) return undefined
    const folder = new Folder(this.#parts, entry.name)
    const bytes =
      entry.state === 'complete'
        ? folder.read(entry.parts, range.start, range.end)
        : journals.held(entry, folder).then((held) => peekPartial(held, folder, range, hasher))
    // Removed or replaced between the reads of catalog and disk: then it is not stored.
    return await bytes.catch(ifMissing)
  }

  async journal(content: string): Promise<readonly JournalRun[]> {
    const entry = await this.entry(content)
    if (entry === undefined) return []
    return this.#parts.journals.held(entry, new Folder(this.#parts, entry.name))
  }

  chunksOf(xorb: string): Promise<readonly HeldChunk[]> {
    const { catalog, chunks, journals } = this.#parts
    return heldChunks(
      chunks,
      xorb,
      (contents) => catalog.filesOf(contents),
      (entry) => journals.held(entry, new Folder(this.#parts, entry.name)),
    )
  }

  lock<T>(
    content: string,
    options: LockOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const { channelName, clock, lockName } = this.#parts
    return withFileLock({ content, lockName: lockName(content), channelName, clock }, options, work)
  }

  begin(content: string, size: number, options: BeginOptions = {}): Promise<PartialFile> {
    return beginPartial(this.#parts, content, size, options)
  }

  reserve(bytes: number, content: string): Promise<readonly string[]> {
    return this.#reservations.reserve(bytes, content)
  }

  async files(): Promise<readonly StoredFile[]> {
    const { files, urls } = await this.#parts.catalog.contents()
    return files.map((file) => ({
      ...file,
      urls: urls.filter(({ info }) => info.content === file.content),
    }))
  }

  async usage(): Promise<Usage> {
    const { usage: used = 0, quota = 0 } = await this.#parts.estimate()
    const { files } = await this.#parts.catalog.contents()
    const held = files.reduce((sum, file) => sum + file.held, 0)
    return { used, quota, held, files: files.length }
  }

  async pin(content: string, pinned: boolean): Promise<void> {
    await this.#parts.catalog.updateFile(content, this.#now(), (entry) =>
      entry === undefined ? undefined : { ...entry, pinned },
    )
  }

  async remove(content: string): Promise<void> {
    await this.#parts.catalog.updateFile(content, this.#now(), () => undefined)
    await deleteRemoved(this.#parts, false)
  }

  async clear(): Promise<void> {
    const { catalog, chunks } = this.#parts
    await catalog.clear(this.#now())
    await chunks.clear()
    await deleteRemoved(this.#parts, true)
  }

  async verify(content: string, options: VerifyOptions = {}): Promise<Verification | undefined> {
    const entry = await this.entry(content)
    if (entry === undefined) return undefined
    const checkedAt = this.#now()
    const found = await verifyFile(this.#parts, entry, options)
    if (found.intact && entry.state === 'complete')
      await this.#parts.catalog.updateFile(content, checkedAt, (now) =>
        now?.name === entry.name ? { ...now, checkedAt } : now,
      )
    return found
  }

  async merge(content: string, signal?: AbortSignal): Promise<boolean> {
    const entry = await this.entry(content)
    if (this.driver !== 'sync' || entry?.state !== 'complete' || entry.parts.length < 2)
      return false
    await mergePieces(this.#parts, entry, signal)
    return true
  }

  sweep(): Promise<void> {
    return sweepFolders(this.#parts)
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}

/**
 * Opens the store of this origin. Any number of realms may have it open at a time.
 *
 * @throws FerryError `unsupported` without OPFS, saying what to change
 * @example
 * const store = await openStore({ hasher: await createHasher() })
 * await store.sweep()
 * const file = await store.file(info.content)
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const name = options.root ?? 'modelferry'
  const parts = await openReaderParts(name, options.clock)
  return new OpfsStore({
    ...parts,
    catalog: new Catalog(name),
    driver: await parts.root.run((root) => chooseDriver(root, options.driver)),
    chunks: new ChunkIndex(name),
    journals: new JournalReader(),
    hasher: options.hasher,
    estimate: options.estimate ?? estimate,
    lockName: (content) => `${name}:file:${content}`,
    channelName: `${name}:beats`,
  })
}

/** Safari before 17 has no estimate. */
async function estimate(): Promise<StorageEstimate> {
  const storage: Partial<StorageManager> = navigator.storage
  return (await storage.estimate?.()) ?? {}
}
