import type { ByteRange } from '../core/ByteRange.ts'
import type { Clock } from '../core/Clock.ts'
import type { Branches } from './Branches.ts'
import type { Catalog } from './Catalog.ts'
import type { CatalogFile } from './CatalogFile.ts'
import type { CatalogMissing } from './CatalogMissing.ts'
import type { CatalogUrl } from './CatalogUrl.ts'
import { Folder } from './Folder.ts'
import type { KnownPath } from './KnownPath.ts'
import { knownPaths } from './knownPaths.ts'
import { openBlob } from './openBlob.ts'
import { readAnnounced } from './readAnnounced.ts'
import type { Store } from './Store.ts'
import type { StoreRoom } from './StoreRoom.ts'

/** How exact `lastUsed` is: reading a file again and again shall not write the catalog again and again. */
const touchMs = 60_000

/**
 * The part of a store that finished files are answered from: it neither hashes nor writes bytes, so that a service
 * worker has all of it at hand whenever it is started. Every call reads the catalog: it holds no truth of its own.
 */
export abstract class Shelf implements Pick<
  Store,
  'branches' | 'url' | 'missing' | 'known' | 'entry' | 'file' | 'peek' | 'announced'
> {
  readonly branches: Branches
  readonly #root: FileSystemDirectoryHandle
  readonly #catalog: Catalog
  readonly #clock: Clock

  constructor({
    root,
    catalog,
    branches,
    clock,
  }: Pick<StoreRoom, 'root' | 'catalog' | 'branches' | 'clock'>) {
    this.#root = root
    this.#catalog = catalog
    this.#clock = clock
    this.branches = branches
  }

  abstract peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>

  url(url: string): Promise<CatalogUrl | undefined> {
    return this.#catalog.url(url)
  }

  missing(url: string, grant: string): Promise<CatalogMissing | undefined> {
    return this.#catalog.missing(url, grant)
  }

  async known(prefix: string, grant: string): Promise<readonly KnownPath[]> {
    return knownPaths(await this.#catalog.stretch(prefix, grant), prefix, grant)
  }

  entry(content: string): Promise<CatalogFile | undefined> {
    return this.#catalog.file(content)
  }

  async file(content: string): Promise<Blob | undefined> {
    const entry = await this.entry(content)
    if (entry?.state !== 'complete') return undefined
    const blob = await openBlob(this.folder(entry), entry)
    if (blob === undefined) await this.#forget(entry)
    else if (this.#clock.now() - entry.lastUsed > touchMs) await this.#touch(entry)
    return blob
  }

  announced(
    content: string,
    range: ByteRange,
    place: string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const entry = (): Promise<CatalogFile | undefined> => this.entry(content)
    const peek = (): Promise<Uint8Array<ArrayBuffer> | undefined> => this.peek(content, range)
    const folder = (known: CatalogFile): Folder => this.folder(known)
    return readAnnounced({ clock: this.#clock, entry, folder, peek }, range, place)
  }

  protected folder(entry: CatalogFile): Folder {
    return new Folder(this.#root, entry.name, this.#clock)
  }

  /** Only the entry that was seen: a healed file may have taken its place meanwhile. */
  async #forget(seen: CatalogFile): Promise<void> {
    await this.#catalog.updateFile(seen.content, this.#clock.now(), (entry) =>
      entry?.name === seen.name && entry.generation === seen.generation ? undefined : entry,
    )
  }

  async #touch(seen: CatalogFile): Promise<void> {
    await this.#catalog.updateFile(seen.content, this.#clock.now(), (entry) =>
      entry === undefined ? undefined : { ...entry, lastUsed: this.#clock.now() },
    )
  }
}
