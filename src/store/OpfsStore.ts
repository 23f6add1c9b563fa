import { publicGrant } from '../auth/grantOf.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { beginPartial } from './beginPartial.ts'
import type { BeginOptions } from './BeginOptions.ts'
import type { Branches } from './Branches.ts'
import type { CatalogFile } from './CatalogFile.ts'
import type { CatalogMissing } from './CatalogMissing.ts'
import type { CatalogUrl } from './CatalogUrl.ts'
import { Folder } from './Folder.ts'
import { grantUrl } from './grantUrl.ts'
import type { HeldChunk } from './HeldChunk.ts'
import { heldChunks } from './heldChunks.ts'
import type { JournalRun } from './JournalRun.ts'
import type { KnownPath } from './KnownPath.ts'
import { knownPaths } from './knownPaths.ts'
import type { LockOptions } from './LockOptions.ts'
import { mergePieces } from './mergePieces.ts'
import { openBlob } from './openBlob.ts'
import type { PartialFile } from './PartialFile.ts'
import { peekPartial } from './peekPartial.ts'
import { readAnnounced } from './readAnnounced.ts'
import { reserveRoom } from './reserveRoom.ts'
import type { Store } from './Store.ts'
import type { StoredFile } from './StoredFile.ts'
import type { StoreRoom } from './StoreRoom.ts'
import { sweepRoom } from './sweepRoom.ts'
import type { Usage } from './Usage.ts'
import type { Verification } from './Verification.ts'
import { verifyFile } from './verifyFile.ts'
import { withLock } from './withLock.ts'
import { withoutGrants } from './withoutGrants.ts'

/** How exact `lastUsed` is: reading a file again and again shall not write the catalog again and again. */
const touchMs = 60_000

/** The store over OPFS and IndexedDB. Every call reads the catalog: it holds no truth of its own. */
export class OpfsStore implements Store {
  readonly driver: 'sync' | 'pieces'
  readonly branches: Branches
  readonly #room: StoreRoom

  constructor(room: StoreRoom) {
    this.#room = room
    this.driver = room.driver
    this.branches = room.branches
  }

  url(url: string): Promise<CatalogUrl | undefined> {
    return this.#room.catalog.url(url)
  }

  saveUrl(info: FileInfo, grant: string): Promise<void> {
    return this.#room.catalog.updateUrl(info.url, grant, (old) => grantUrl(old, info, grant))
  }

  dropUrl(url: string, grant: string): Promise<void> {
    return this.#room.catalog.updateUrl(url, grant, (old) =>
      withoutGrants(old, [grant, publicGrant]),
    )
  }

  missing(url: string, grant: string): Promise<CatalogMissing | undefined> {
    return this.#room.catalog.missing(url, grant)
  }

  saveMissing(entry: CatalogMissing): Promise<void> {
    return this.#room.catalog.saveMissing(entry)
  }

  session(app: string): Promise<readonly string[]> {
    return this.#room.catalog.session(app)
  }

  changeSession(
    app: string,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<void> {
    return this.#room.catalog.changeSession(app, change)
  }

  async known(prefix: string, grant: string): Promise<readonly KnownPath[]> {
    return knownPaths(await this.#room.catalog.stretch(prefix, grant), prefix, grant)
  }

  entry(content: string): Promise<CatalogFile | undefined> {
    return this.#room.catalog.file(content)
  }

  async file(content: string): Promise<Blob | undefined> {
    const entry = await this.entry(content)
    if (entry?.state !== 'complete') return undefined
    const blob = await openBlob(this.#folder(entry), entry)
    if (blob === undefined) await this.#forget(entry)
    else if (this.#now() - entry.lastUsed > touchMs) await this.#touch(entry)
    return blob
  }

  async peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { hasher, journals } = this.#room
    const entry = await this.entry(content)
    if (entry === undefined || range.start < 0 || range.end > entry.size) return undefined
    const folder = this.#folder(entry)
    try {
      if (entry.state === 'complete') return await folder.read(entry.parts, range.start, range.end)
      return await peekPartial(await journals.held(entry, folder), folder, range, hasher)
    } catch (error) {
      // Removed or replaced between the catalog and the disk: then it is not held.
      if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
      throw error
    }
  }

  announced(
    content: string,
    range: ByteRange,
    place: string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { clock } = this.#room
    const entry = (): Promise<CatalogFile | undefined> => this.entry(content)
    const peek = (): Promise<Uint8Array<ArrayBuffer> | undefined> => this.peek(content, range)
    const folder = (known: CatalogFile): Folder => this.#folder(known)
    return readAnnounced({ clock, entry, folder, peek }, range, place)
  }

  async journal(content: string): Promise<readonly JournalRun[]> {
    const entry = await this.entry(content)
    return entry === undefined ? [] : this.#room.journals.held(entry, this.#folder(entry))
  }

  chunksOf(xorb: string): Promise<readonly HeldChunk[]> {
    return heldChunks(this.#room.chunks, xorb, (content) => this.journal(content))
  }

  lock<T>(
    content: string,
    options: LockOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const { channelName, clock, lockName } = this.#room
    return withLock({ content, lockName: lockName(content), channelName, clock }, options, work)
  }

  begin(content: string, size: number, options: BeginOptions = {}): Promise<PartialFile> {
    return beginPartial(this.#room, content, size, options)
  }

  reserve(bytes: number, content: string): Promise<readonly string[]> {
    return reserveRoom(this.#room, bytes, content)
  }

  async files(): Promise<readonly StoredFile[]> {
    const { files, urls } = await this.#room.catalog.contents()
    return files.map((file) => ({
      ...file,
      urls: urls.filter(({ info }) => info.content === file.content),
    }))
  }

  async usage(): Promise<Usage> {
    const { usage: used = 0, quota = 0 } = await this.#room.estimate()
    const { files } = await this.#room.catalog.contents()
    const held = files.reduce((sum, file) => sum + file.held, 0)
    return { used, quota, held, files: files.length }
  }

  async pin(content: string, pinned: boolean): Promise<void> {
    await this.#room.catalog.updateFile(content, this.#now(), (entry) =>
      entry === undefined ? undefined : { ...entry, pinned },
    )
  }

  async remove(content: string): Promise<void> {
    await this.#room.catalog.updateFile(content, this.#now(), () => undefined)
  }

  async clear(): Promise<void> {
    const { catalog, chunks, clock, root } = this.#room
    await catalog.clear(this.#now())
    await chunks.clear()
    for (const { name } of (await catalog.contents()).gone) {
      if (await new Folder(root, name, clock).remove()) await catalog.forget(name)
    }
  }

  async verify(content: string, signal?: AbortSignal): Promise<Verification | undefined> {
    const entry = await this.entry(content)
    return entry === undefined ? undefined : verifyFile(this.#room, entry, signal)
  }

  async merge(content: string, signal?: AbortSignal): Promise<boolean> {
    const entry = await this.entry(content)
    if (this.driver !== 'sync' || entry?.state !== 'complete' || entry.parts.length < 2)
      return false
    await mergePieces(this.#room, entry, signal)
    return true
  }

  sweep(): Promise<void> {
    return sweepRoom(this.#room)
  }

  #folder(entry: CatalogFile): Folder {
    return new Folder(this.#room.root, entry.name, this.#room.clock)
  }

  #now(): number {
    return this.#room.clock.now()
  }

  /** Only the entry that was seen: a healed file may have taken its place meanwhile. */
  async #forget(seen: CatalogFile): Promise<void> {
    await this.#room.catalog.updateFile(seen.content, this.#now(), (entry) =>
      entry?.name === seen.name && entry.generation === seen.generation ? undefined : entry,
    )
  }

  async #touch(seen: CatalogFile): Promise<void> {
    await this.#room.catalog.updateFile(seen.content, this.#now(), (entry) =>
      entry === undefined ? undefined : { ...entry, lastUsed: this.#now() },
    )
  }
}
