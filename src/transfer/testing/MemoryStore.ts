import 'fake-indexeddb/auto'
import type { Hasher } from '../../codec/chunk-record.ts'
import type { ByteRange } from '../../core/bytes.ts'
import { FerryError } from '../../core/errors.ts'
import { sleep } from '../../core/async.ts'
import type { FileInfo } from '../../data/index.ts'
import { openDatabase } from '../../platform/platform.ts'
import { Branches } from '../../store/branches.ts'
import { knownPaths } from '../../store/catalog-reader.ts'
import {
  type CatalogAnswers,
  type CatalogFile,
  type CatalogMissing,
  type CatalogUrl,
  type KnownPath,
  type LockOptions,
  type PartialFile,
  type Store,
} from '../../store/store.ts'
import { chunksOfRun, type HeldChunk, type JournalRun } from '../../store/runs.ts'
import { similarUrls } from '../../store/catalog.ts'
import { MemoryFile } from './MemoryFile.ts'

/** The part of a store that downloads and engines use. */
type Used = Omit<
  Store,
  'session' | 'changeSession' | 'files' | 'usage' | 'pin' | 'clear' | 'verify' | 'merge' | 'sweep'
>

/** A store in memory; several realms of a test may share it. */
export class MemoryStore implements Used {
  readonly driver = 'sync'
  readonly branches: Branches = new Branches(openDatabase(crypto.randomUUID(), 'catalog'))
  readonly files: Map<string, MemoryFile> = new Map()
  readonly urls: Map<string, CatalogUrl> = new Map()
  readonly missingEntries: Map<string, CatalogMissing> = new Map()
  /** Bytes that fit. */
  room: number = Infinity
  readonly #hasher: Hasher
  readonly #locks = new Map<string, Promise<unknown>>()

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  /** As a store for an engine; unused methods are missing. */
  get asStore(): Store {
    return this as unknown as Store
  }

  async url(url: string): Promise<CatalogUrl | undefined> {
    return this.urls.get(url)
  }

  async saveUrl(info: FileInfo, grant: string): Promise<void> {
    const { url } = info
    this.urls.set(url, { url, info, checkedAt: Date.now(), grants: [grant] })
    this.missingEntries.delete(`${grant} ${url}`)
  }

  async dropUrl(url: string, grant: string): Promise<void> {
    this.urls.delete(url)
    this.missingEntries.delete(`${grant} ${url}`)
  }

  async forgetUrls(isGone: (url: string) => boolean): Promise<number> {
    const urls = [...this.urls.keys()].filter(isGone)
    const removed = [...this.missingEntries].filter(([, { url }]) => isGone(url))
    for (const url of urls) this.urls.delete(url)
    for (const [key] of removed) this.missingEntries.delete(key)
    return urls.length + removed.length
  }

  async similar(url: string, grant: string): Promise<readonly CatalogUrl[]> {
    return similarUrls([...this.urls.values()], url, grant)
  }

  async answers(url: string, grant: string): Promise<CatalogAnswers> {
    return { known: await this.url(url), missing: this.missingEntries.get(`${grant} ${url}`) }
  }

  async saveMissing(entry: CatalogMissing): Promise<void> {
    if (this.urls.get(entry.url)?.grants.includes(entry.grant)) this.urls.delete(entry.url)
    this.missingEntries.set(`${entry.grant} ${entry.url}`, entry)
  }

  async known(prefix: string, grant: string): Promise<readonly KnownPath[]> {
    const below = ({ url }: { readonly url: string }): boolean => url.startsWith(prefix)
    const states = [...this.files.values()].map(
      ({ content, proof }) => [content, proof === undefined ? 'partial' : 'complete'] as const,
    )
    const stretch = {
      urls: [...this.urls.values()].filter(below),
      missing: [...this.missingEntries.values()].filter((one) => below(one) && one.grant === grant),
      states: new Map(states),
    }
    return knownPaths(stretch, prefix, grant)
  }

  async entry(content: string): Promise<CatalogFile | undefined> {
    const file = this.files.get(content)
    if (!file) return undefined
    return {
      content,
      size: file.size,
      name: content,
      state: file.proof === undefined ? 'partial' : 'complete',
      driver: 'sync',
      generation: 1,
      journal: { generation: 1, count: 1 },
      createdAt: 0,
      lastUsed: 0,
      pinned: false,
      held: file.held.size,
      parts: [],
      ...(file.proof !== undefined && { proof: file.proof }),
    }
  }

  async file(content: string): Promise<Blob | undefined> {
    const file = this.files.get(content)
    return file?.proof === undefined ? undefined : new Blob([file.bytes])
  }

  async peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.files.get(content)?.peek(range)
  }

  async announced(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.peek(content, range)
    if (bytes) return bytes
    throw new FerryError('storage', `Bytes ${range.start} to ${range.end} were only announced.`)
  }

  hold(): () => void {
    return () => undefined
  }

  async journal(content: string): Promise<readonly JournalRun[]> {
    return this.files.get(content)?.committed ?? []
  }

  async chunksOf(xorb: string): Promise<readonly HeldChunk[]> {
    return [...this.files.values()].flatMap(({ content, committed }) =>
      committed.filter((run) => run.xorb === xorb).flatMap((run) => chunksOfRun(content, run)),
    )
  }

  async lock<T>(
    content: string,
    { signal }: LockOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const before = this.#locks.get(content)
    const mine = Promise.resolve(before).then(async () => {
      signal?.throwIfAborted()
      return await work(signal ?? new AbortController().signal)
    })
    const settled = mine.catch(() => undefined)
    this.#locks.set(content, settled)
    return await mine
  }

  async begin(content: string, size: number): Promise<PartialFile> {
    // A real store reads the disk first, so nothing may depend on a synchronous result.
    await sleep(1)
    const known = this.files.get(content)
    const other = known?.size !== size && known?.proof === undefined
    const file =
      !known || known.discarded || other ? new MemoryFile(content, size, this.#hasher) : known
    this.files.set(content, file)
    return file.begin()
  }

  async reserve(bytes: number): Promise<readonly string[]> {
    if (bytes > this.room) throw new FerryError('quota', `${bytes} bytes do not fit.`)
    return []
  }

  async remove(content: string): Promise<void> {
    this.files.delete(content)
  }
}
