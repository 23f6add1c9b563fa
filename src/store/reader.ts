// The read operations of the store: all that a service worker needs to answer from finished files.
import { type ByteRange, type Clock, systemClock } from '../core/index.ts'
import type { BranchReader } from './branches.ts'
import { CatalogReader, knownPaths } from './catalog-reader.ts'
import { dataName, FolderReader, ifMissing, notHeld, openBlob, Root } from './folder.ts'
import { lastUsedPrecisionMs, type StoreParts } from './quota.ts'
import type { FilePart } from './runs.ts'
import type { CatalogAnswers, CatalogFile, KnownPath, Store } from './store.ts'

/** Piece files appear in the journal with its next flush: every 2 s. */
const patienceMs = 8000
const turnMs = 50

/** The used part of the store. */
interface AnnouncedReader {
  readonly clock: Pick<Clock, 'sleep'>
  readonly entry: () => Promise<CatalogFile | undefined>
  readonly folder: (name: string) => FolderReader
  readonly peek: () => Promise<Uint8Array<ArrayBuffer> | undefined>
}

/**
 * Reads bytes that the writing realm has announced as committed. If the writer writes in place, they are read
 * directly; otherwise this waits for them.
 *
 * @param place the folder that they were announced for last
 * @throws FerryError `storage` when they do not appear
 */
export async function readAnnounced(
  { clock, entry, folder, peek }: AnnouncedReader,
  range: ByteRange,
  place: () => string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  for (let waited = 0; ; waited += turnMs) {
    const known = await entry()
    const at = place()
    const parts = partsOf(known, at, range)
    if (parts) {
      // The writer uses piece files, or the file was finished or removed between two reads.
      const name = (known?.name ?? at) as string
      const bytes = await folder(name).read(parts, range.start, range.end).catch(ifMissing)
      if (bytes) return bytes
    }
    const bytes = await peek()
    if (bytes) return bytes
    if (waited >= patienceMs) throw notHeld(range)
    await clock.sleep(turnMs)
  }
}

/**
 * The location of bytes that need no verification. A preallocated file contains zeros where nothing was written yet.
 * A file that was started again, after it was removed or found damaged, is not the announced one.
 */
function partsOf(
  known: CatalogFile | undefined,
  place: string | undefined,
  { end }: ByteRange,
): readonly FilePart[] | undefined {
  if (known?.state === 'complete') return known.parts
  // A file that was removed while it was read stays available to its reader.
  const inPlace = known ? known.driver === 'sync' && known.name === place : place !== undefined
  return inPlace ? [{ name: dataName, offset: 0, at: 0, length: known?.size ?? end }] : undefined
}

/** Dependencies of a {@link StoreReader}. */
type ReaderParts = Pick<StoreParts, 'root' | 'clock' | 'holdName'> & {
  readonly catalog: CatalogReader
}

/**
 * The part of a store from which finished files are answered. It neither hashes nor writes bytes, so a service worker
 * contains all of it at its start. Every call reads the catalog: it has no state of its own.
 */
export abstract class StoreReader implements Pick<
  Store,
  'answers' | 'known' | 'entry' | 'file' | 'peek' | 'announced' | 'hold'
> {
  readonly branches: BranchReader
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.branches = parts.catalog.branches
  }

  abstract peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>

  answers(url: string, grant: string): Promise<CatalogAnswers> {
    return this.#parts.catalog.answers(url, grant)
  }

  async known(prefix: string, grant: string): Promise<readonly KnownPath[]> {
    return knownPaths(await this.#parts.catalog.stretch(prefix, grant), prefix, grant)
  }

  entry(content: string): Promise<CatalogFile | undefined> {
    return this.#parts.catalog.file(content)
  }

  async file(content: string): Promise<Blob | undefined> {
    const entry = await this.entry(content)
    if (entry?.state !== 'complete') return undefined
    const folder = new FolderReader(this.#parts, entry.name)
    const blob = await openBlob(folder, entry)
    const now = this.#parts.clock.now()
    // Noted before the file is given: its bytes must not be deleted under the answer.
    if (!blob || now - (entry.givenAt ?? 0) > lastUsedPrecisionMs)
      await this.#parts.catalog.updateFile(content, now, (found) => {
        if (blob) return found && { ...found, lastUsed: now, givenAt: now }
        // Only the entry that was read: a repaired file may have replaced it meanwhile.
        const same = found?.name === entry.name && found.generation === entry.generation
        return same ? undefined : found
      })
    return blob
  }

  hold(content: string): () => void {
    const end = new AbortController()
    const ended = new Promise((resolve) => end.signal.addEventListener('abort', resolve))
    void navigator.locks.request(this.#parts.holdName(content), { mode: 'shared' }, () => ended)
    return () => end.abort()
  }

  announced(
    content: string,
    range: ByteRange,
    place: () => string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const entry = (): Promise<CatalogFile | undefined> => this.entry(content)
    const peek = (): Promise<Uint8Array<ArrayBuffer> | undefined> => this.peek(content, range)
    const folder = (name: string): FolderReader => new FolderReader(this.#parts, name)
    return readAnnounced({ clock: this.#parts.clock, entry, folder, peek }, range, place)
  }
}

/**
 * Opens the dependencies of a {@link StoreReader}.
 *
 * @param name folder in OPFS, also the first part of the databases' names
 * @throws FerryError `unsupported` without OPFS, saying what to change
 */
export async function openReaderParts(
  name: string = 'modelferry',
  clock: Clock = systemClock,
): Promise<ReaderParts> {
  const root = new Root(name)
  await root.run(async () => undefined)
  const holdName = (content: string): string => `${name}:hold:${content}`
  return { root, catalog: new CatalogReader(name), clock, holdName }
}

/**
 * Opens the reader of this origin, for a realm without a hasher.
 *
 * @param store opens the whole store, for bytes that must be hashed before delivery; when it fails, they
 *   are not delivered until their file is complete
 * @throws FerryError `unsupported` without OPFS, saying what to change
 */
export async function openStoreReader(
  store: () => Promise<Pick<Store, 'peek'>>,
): Promise<StoreReader> {
  class OpenShelf extends StoreReader {
    async peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
      const whole = await store().catch(() => undefined)
      return await whole?.peek(content, range)
    }
  }
  return new OpenShelf(await openReaderParts())
}
