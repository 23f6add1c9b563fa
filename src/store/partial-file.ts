// A file that is being written: runs are placed, appended to the journal, flushed, and finished.
import { type ByteRange, ByteSet, type Clock, FerryError, overlaps } from '../core/index.ts'
import { type Folder, ifFull, ifLost, isFull, isLoss, notHeld, storageError } from './folder.ts'
import { applyJournal, filesOf, type JournalEntry } from './journal.ts'
import {
  mergeParts,
  placesOf,
  rangeOf,
  runEnd,
  runLength,
  type HeldRun,
  type JournalRun,
  type ChunkIndex,
} from './runs.ts'
import { type LocalReaders, MemoryWriter } from './memory-writer.ts'
import { notWritten, rangesOf, RecentWrites, serial, smallFile, type DataWriter } from './writer.ts'
import { executeQuotaErrorCallbacks } from 'workbox-core/_private/executeQuotaErrorCallbacks.js'
import type { Catalog } from './catalog.ts'
import type { BeginOptions, CatalogFile, PartialFile, Proof } from './store.ts'

/** Maximum loss in a crash of the machine; a crash of a tab loses as much only with piece files. */
const flushBytes = 64 * 1024 * 1024
const flushMs = 2000
/** How often in a row a file is started again after the device has lost it; then the download fails. */
export const mostLosses = 8

/** The folder and the driver of an open file. */
export interface OpenedFile {
  /** As `begin` has left it: its generation is the right to write. */
  readonly entry: CatalogFile
  readonly writer: DataWriter
  readonly folder: Folder
}

interface OpenPartialParts {
  readonly held: readonly HeldRun[]
  readonly catalog: Catalog
  readonly chunks: ChunkIndex
  readonly clock: Clock
  /** Begins in a new folder, which holds nothing yet. */
  readonly anew: (entry: CatalogFile) => Promise<OpenedFile>
  readonly options: BeginOptions
}

/** Entries and bytes since the last flush. */
interface Unflushed {
  /** Entries that are not in the journal yet. */
  readonly entries: JournalEntry[]
  readonly xorbs: Set<string>
  bytes: number
}

/** The implementation of {@link PartialFile}: tracks committed runs, and decides when they are flushed. */
export class OpenPartial implements PartialFile {
  readonly content: string
  readonly size: number
  place: string
  readonly #parts: OpenPartialParts
  readonly #queue = serial()
  readonly #ended = new AbortController()
  #opened: OpenedFile
  #held: readonly HeldRun[]
  readonly #recent = new RecentWrites()
  /** Ranges that were given to the present writer. */
  #written = new ByteSet()
  #losses = 0
  #unflushed: Unflushed | undefined
  #timer = false
  /** The error of a failed background flush; the next call throws it. */
  #failure: unknown

  constructor(opened: OpenedFile, parts: OpenPartialParts) {
    this.#parts = parts
    this.#opened = opened
    this.#held = parts.held
    this.content = opened.entry.content
    this.size = opened.entry.size
    this.place = opened.entry.name
    this.#ended.signal.addEventListener('abort', () => this.#recent.close(), { once: true })
  }

  get committed(): readonly JournalRun[] {
    return this.#held
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen()
    if (offset < 0 || offset + bytes.length > this.size) {
      throw new FerryError(
        'storage',
        `Bytes ${offset} to ${offset + bytes.length} are outside a file of ${this.size} bytes.`,
      )
    }
    for (let again = true; ;) {
      const { writer } = this.#opened
      try {
        await writer.write(offset, bytes)
        if (writer !== this.#opened.writer) continue
        this.#written.add({ start: offset, end: offset + bytes.length })
        return this.#recent.add(offset, bytes)
      } catch (error) {
        // Other caches of this origin may give way, so that the next attempt finds room.
        if (again && isFull(error)) await executeQuotaErrorCallbacks()
        else await this.#queue(() => this.#recover(writer, error))
        again &&= !isFull(error)
      }
    }
  }

  commit(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => {
      await this.#commit(run)
      if ((this.#unflushed?.bytes ?? 0) >= flushBytes) await this.#flushIfRoom()
      else this.#flushLater()
    })
  }

  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    this.#mustBeOpen()
    for (;;) {
      const { writer } = this.#opened
      const needed = this.#held.filter((run) => overlaps(rangeOf(run), range))
      const here = new ByteSet(needed.map(rangeOf))
      // Where nothing is committed, a preallocated file holds zeros.
      if (!here.covers(range)) throw notHeld(range)
      const recent = range.end - range.start === this.size ? this.#recent.read(range) : undefined
      if (recent) return recent
      try {
        return await writer.read(mergeParts(needed.flatMap((run) => run.parts)), range)
      } catch (error) {
        await this.#queue(() => this.#recover(writer, error))
      }
    }
  }

  drop(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => {
      this.#recent.drop(rangeOf(run))
      this.#apply({ kind: 'drop', offset: run.offset, length: runLength(run) })
      await this.#flushIfRoom()
    })
  }

  flush(): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => void (await this.#flush()))
  }

  finish(proof: Proof): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => {
      const { held } = placesOf(this.#held)
      const whole = held === this.size
      const done = await this.#flush(whole ? { state: 'complete', proof } : {})
      const { folder, writer } = this.#opened
      if (!whole || !done)
        throw new FerryError('storage', `Only ${held} of ${this.size} bytes are committed.`)
      await writer.close()
      this.#ended.abort()
      if (done.generation > 1 || done.driver === 'pieces')
        await folder.keepOnly(filesOf(this.#held, done.journal))
    })
  }

  discard(): Promise<void> {
    this.#mustBeOpen()
    return this.#queue(async () => {
      const { catalog, clock } = this.#parts
      const { entry, folder, writer } = this.#opened
      this.#ended.abort()
      await writer.close()
      await catalog.check(entry)
      await catalog.updateFile(this.content, clock.now(), () => undefined)
      await folder.remove(catalog)
    })
  }

  close(): Promise<void> {
    return this.#queue(async () => {
      if (this.#ended.signal.aborted) return
      const { catalog } = this.#parts
      try {
        await this.#withRecovery(() => this.#flushIfRoom())
        const { entry, folder, writer } = this.#opened
        // Releases space only: a file that another realm has begun meanwhile belongs to that realm.
        if (this.#held.length > 0 && !this.#inMemory)
          return await writer.trim(Math.max(...this.#held.map(runEnd))).catch(() => undefined)
        if (await catalog.release(entry).catch(() => false)) await folder.remove(catalog)
      } finally {
        this.#ended.abort()
        await this.#opened.writer.close()
      }
    })
  }

  #mustBeOpen(): void {
    if (this.#ended.signal.aborted)
      throw new FerryError('closed', `${this.content} is finished or closed.`)
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  /** Whether the device is full: then nothing of the file is kept. */
  get #inMemory(): boolean {
    return this.#opened.writer instanceof MemoryWriter
  }

  #do<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue(() => this.#withRecovery(work))
  }

  /** Does the work, again in a new folder where this one is lost. To be called within the queue. */
  async #withRecovery<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const { writer } = this.#opened
      try {
        return await work()
      } catch (error) {
        await this.#recover(writer, error)
      }
    }
  }

  /**
   * Continues in a new folder with what is in memory, or in memory where the device is full, and reports what is lost. To
   * be called within the queue.
   *
   * @param failed another call may have recovered already: then the catalog has refused the older claim of this writer
   * @throws the cause when it is another one
   */
  async #recover(failed: DataWriter, cause: unknown): Promise<void> {
    if (failed !== this.#opened.writer) return
    const before = this.#held
    const { readers, onLost } = this.#parts.options
    if (isLoss(cause)) await this.#beginAnew(cause)
    else if (isFull(cause) && !this.#inMemory && readers?.needed())
      await this.#useMemory(readers, cause)
    else throw cause
    const kept = new Set(this.#held.map(({ offset }) => offset))
    // Place and losses change together: a reader must not read in the new folder what only the old one held.
    this.place = this.#opened.entry.name
    onLost?.(before.filter(({ offset }) => !kept.has(offset)))
  }

  async #useMemory(readers: LocalReaders, cause: unknown): Promise<void> {
    const { writer, folder } = this.#opened
    const { clock, options } = this.#parts
    const { signal = this.#ended.signal } = options
    const quotaError = storageError(cause, 'writing model bytes')
    // First: it decides what is needed.
    readers.onFull()
    const writes = this.#recent.lend()
    const memory = new MemoryWriter({ folder, readers, clock, signal, quotaError }, writes)
    this.#opened = { ...this.#opened, writer: memory }
    this.#written = rangesOf(writes)
    this.#recent.close()
    await writer.close().catch(() => undefined)
    this.#held = await memory.readableRuns(this.#held)
  }

  async #beginAnew(cause: unknown): Promise<void> {
    const before = this.#held
    for (let over = false; !over;) {
      this.#losses += 1
      if (this.#losses > mostLosses) throw cause
      const { writer, entry } = this.#opened
      this.#opened = await this.#parts.anew(entry)
      this.#written = new ByteSet()
      await writer.close().catch(() => undefined)
      // The storage may be emptied folder by folder, so that the new one is lost as well.
      over = (await this.#repeat(before).then(() => true, ifLost)) ?? false
    }
  }

  /** Writes what is in memory to a new folder, and commits the runs that are complete there. */
  async #repeat(before: readonly HeldRun[]): Promise<void> {
    this.#held = []
    this.#unflushed = undefined
    const { writer } = this.#opened
    // Writes that come meanwhile are in the new folder already.
    for (const { range, bytes } of this.#recent.lend()) {
      await writer.write(range.start, bytes)
      this.#written.add(range)
    }
    for (const run of before) if (this.#written.covers(rangeOf(run))) await this.#commit(run)
    await this.#flush()
  }

  async #commit(run: JournalRun): Promise<void> {
    const { writer } = this.#opened
    const range = rangeOf(run)
    // A preallocated file would hold zeros there.
    if (!this.#written.covers(range)) throw notWritten(range)
    const parts = await writer.place(range)
    const entry: JournalEntry = { kind: 'run', run: { ...run, parts } }
    // A small file is finished at once, and `finish` writes its journal.
    const over = this.size <= smallFile && this.#written.covers({ start: 0, end: this.size })
    const unflushed = this.#apply(entry, !over && (await writer.append(entry).catch(ifFull)))
    unflushed.bytes += range.end - range.start
    if (run.xorb !== '') unflushed.xorbs.add(run.xorb)
  }

  #apply(entry: JournalEntry, written?: boolean): Unflushed {
    this.#held = applyJournal(this.#held, [entry])
    const unflushed = (this.#unflushed ??= { entries: [], xorbs: new Set(), bytes: 0 })
    if (!written) unflushed.entries.push(entry)
    return unflushed
  }

  #flushLater(): void {
    if (this.#timer) return
    this.#timer = true
    const { clock } = this.#parts
    void clock
      .sleep(flushMs, this.#ended.signal)
      .then(() => {
        // Before the flush: what is appended while it ends needs the next one.
        this.#timer = false
        return this.#do(() => this.#flushIfRoom())
      })
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted) this.#failure = error
      })
  }

  /** Where the device is full, what was written can be read all the same; the journal is tried again later. */
  async #flushIfRoom(): Promise<void> {
    await this.#flush().catch(ifFull)
  }

  /** @param last what the catalog says of the finished file; absent: it goes on. @returns its entry, if it has changed */
  async #flush(last?: Partial<CatalogFile>): Promise<CatalogFile | undefined> {
    const { entries = [], xorbs } = this.#unflushed ?? {}
    if (!xorbs && !this.#inMemory && !last) return undefined
    const { catalog, chunks, clock } = this.#parts
    const { entry, writer } = this.#opened
    const count = await writer.flush(entries)
    const now = clock.now()
    const journal = { generation: entry.generation, count }
    const [changed] = await Promise.all([
      catalog.commit(entry, now, { ...placesOf(this.#held), journal, lastUsed: now, ...last }),
      chunks.add(xorbs ?? [], this.content).catch(() => undefined),
    ])
    this.#unflushed = undefined
    return changed
  }
}
