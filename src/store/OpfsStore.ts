import { publicGrant } from '../auth/grantOf.ts'
import type { ByteRange } from '../core/ByteRange.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { beginPartial } from './beginPartial.ts'
import type { BeginOptions } from './BeginOptions.ts'
import type { CatalogMissing } from './CatalogMissing.ts'
import { Folder } from './Folder.ts'
import { grantUrl } from './grantUrl.ts'
import type { HeldChunk } from './HeldChunk.ts'
import { heldChunks } from './heldChunks.ts'
import type { JournalRun } from './JournalRun.ts'
import type { LockOptions } from './LockOptions.ts'
import { mergePieces } from './mergePieces.ts'
import type { PartialFile } from './PartialFile.ts'
import { peekPartial } from './peekPartial.ts'
import { reserveRoom } from './reserveRoom.ts'
import { Shelf } from './Shelf.ts'
import type { Store } from './Store.ts'
import type { StoredFile } from './StoredFile.ts'
import type { StoreRoom } from './StoreRoom.ts'
import { sweepRoom } from './sweepRoom.ts'
import type { Usage } from './Usage.ts'
import type { Verification } from './Verification.ts'
import { verifyFile } from './verifyFile.ts'
import { withLock } from './withLock.ts'
import { withoutGrants } from './withoutGrants.ts'

/** The store over OPFS and IndexedDB. Every call reads the catalog: it holds no truth of its own. */
export class OpfsStore extends Shelf implements Store {
  readonly driver: 'sync' | 'pieces'
  readonly #room: StoreRoom

  constructor(room: StoreRoom) {
    super(room)
    this.#room = room
    this.driver = room.driver
  }

  saveUrl(info: FileInfo, grant: string): Promise<void> {
    return this.#room.catalog.updateUrl(info.url, grant, (old) => grantUrl(old, info, grant))
  }

  dropUrl(url: string, grant: string): Promise<void> {
    return this.#room.catalog.updateUrl(url, grant, (old) =>
      withoutGrants(old, [grant, publicGrant]),
    )
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

  async peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { hasher, journals } = this.#room
    const entry = await this.entry(content)
    if (entry === undefined || range.start < 0 || range.end > entry.size) return undefined
    const folder = this.folder(entry)
    try {
      if (entry.state === 'complete') return await folder.read(entry.parts, range.start, range.end)
      return await peekPartial(await journals.held(entry, folder), folder, range, hasher)
    } catch (error) {
      // Removed or replaced between the catalog and the disk: then it is not held.
      if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
      throw error
    }
  }

  async journal(content: string): Promise<readonly JournalRun[]> {
    const entry = await this.entry(content)
    return entry === undefined ? [] : this.#room.journals.held(entry, this.folder(entry))
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

  #now(): number {
    return this.#room.clock.now()
  }
}
