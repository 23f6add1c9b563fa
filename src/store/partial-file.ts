import { type ByteRange, ByteSet, type Clock, FerryError } from '../core/index.ts'
import { type Folder, ifLost, isLoss, storageError } from './folder.ts'
import { applyJournal, filesOf, type JournalEntry } from './journal.ts'
import {
  mergeParts,
  partsLength,
  runLength,
  type HeldRun,
  type JournalRun,
  type ChunkIndex,
} from './runs.ts'
import { notHeld, notWritten, RecentWrites, serial, type DataWriter } from './writer.ts'
import { executeQuotaErrorCallbacks } from 'workbox-core/_private/executeQuotaErrorCallbacks.js'
import type { Catalog } from './catalog.ts'
import type { BeginOptions, CatalogFile, PartialFile, Proof } from './store.ts'

/** Maximum loss in a crash of the machine; a crash of a tab loses as much only with piece files. */
const flushBytes = 64 * 1024 * 1024
const flushMs = 2000

/** Times that a file is begun anew in a row; a device that loses more is of no use. */
export const mostLosses = 8

/** What an open file writes to. */
export interface OpenedFile {
  /** As `begin` has left it: its generation is the right to write. */
  readonly entry: CatalogFile
  readonly writer: DataWriter
  readonly folder: Folder
}

/** Everything an open file works with. */
interface OpenPartialParts {
  readonly held: readonly HeldRun[]
  readonly catalog: Catalog
  readonly chunks: ChunkIndex
  readonly clock: Clock
  /** Begins in a new folder, which holds nothing yet. */
  readonly anew: (entry: CatalogFile) => Promise<OpenedFile>
  readonly lost?: BeginOptions['lost']
}

/** The implementation of {@link PartialFile}: tracks committed runs, and decides when they are flushed. */
export class OpenPartial implements PartialFile {
  readonly content: string
  readonly size: number
  place: string
  readonly #parts: OpenPartialParts
  readonly #queue = serial()
  readonly #ended = new AbortController()
  readonly #indexed = new Set<string>()
  #opened: OpenedFile
  #held: readonly HeldRun[]
  readonly #recent = new RecentWrites()
  /** Ranges that were written to the present folder. */
  #written = new ByteSet()
  #losses = 0
  /** Since the last flush; of these, what the journal does not name yet. */
  #pending: JournalEntry[] = []
  #unwritten: JournalEntry[] = []
  #pendingBytes = 0
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
        `Bytes ${offset} to ${offset + bytes.length} do not lie within a file of ${this.size} bytes.`,
      )
    }
    for (;;) {
      const { writer } = this.#opened
      try {
        await writer.write(offset, bytes)
        if (writer !== this.#opened.writer) continue
        this.#written.add({ start: offset, end: offset + bytes.length })
        return this.#recent.add(offset, bytes)
      } catch (error) {
        const full = error instanceof FerryError && error.code === 'quota'
        // Other caches of this origin may give way, so that the next attempt finds room.
        if (full) await executeQuotaErrorCallbacks()
        await this.#queue(() => this.#beginAnew(writer, error))
      }
    }
  }

  commit(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => {
      await this.#commit(run)
      if (this.#pendingBytes >= flushBytes) await this.#flushIfRoom()
      else this.#flushLater()
    })
  }

  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    this.#mustBeOpen()
    for (;;) {
      const { writer } = this.#opened
      const needed = this.#held.filter((run) => run.offset < range.end && endOf(run) > range.start)
      const here = new ByteSet(needed.map((run) => ({ start: run.offset, end: endOf(run) })))
      // Where nothing is committed, a preallocated file holds zeros.
      if (!here.covers(range)) throw notHeld(range)
      try {
        return await writer.read(mergeParts(needed.flatMap((run) => run.parts)), range)
      } catch (error) {
        await this.#queue(() => this.#beginAnew(writer, error))
      }
    }
  }

  drop(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => {
      const length = runLength(run)
      this.#recent.drop({ start: run.offset, end: endOf(run) })
      this.#note({ kind: 'drop', offset: run.offset, length }, 0, false)
      await this.#flushIfRoom()
    })
  }

  flush(): Promise<void> {
    this.#mustBeOpen()
    return this.#do(() => this.#flush())
  }

  finish(proof: Proof): Promise<void> {
    this.#mustBeOpen()
    return this.#do(async () => {
      await this.#flush()
      const { catalog, clock } = this.#parts
      const { entry, folder, writer } = this.#opened
      const parts = mergeParts(this.#held.flatMap((run) => run.parts))
      const held = partsLength(parts)
      if (held !== this.size) {
        throw new FerryError(
          'storage',
          `Only ${held} of ${this.size} bytes of ${this.content} are committed, so it cannot be finished. Fetch what is missing first.`,
        )
      }
      await writer.close()
      const { journal } = await catalog.commit(entry, clock.now(), {
        state: 'complete',
        proof,
        held,
        parts,
        lastUsed: clock.now(),
      })
      this.#ended.abort()
      await folder.keepOnly(filesOf(this.#held, journal))
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
      if (await folder.remove()) await catalog.forget(entry.name)
    })
  }

  close(): Promise<void> {
    return this.#queue(async () => {
      if (this.#ended.signal.aborted) return
      const { catalog } = this.#parts
      try {
        await this.#surviving(() => this.#flushIfRoom())
        const { entry, folder, writer } = this.#opened
        const last = this.#held.at(-1)
        // Room only: what another realm has begun meanwhile is its own.
        if (last)
          return await writer.trim(Math.max(...this.#held.map(endOf))).catch(() => undefined)
        const released = await catalog.release(entry).catch(() => false)
        if (released && (await folder.remove())) await catalog.forget(entry.name)
      } finally {
        this.#ended.abort()
        await this.#opened.writer.close()
      }
    })
  }

  #mustBeOpen(): void {
    if (this.#ended.signal.aborted) {
      throw new FerryError(
        'closed',
        `${this.content} is finished or closed. Begin it again to write.`,
      )
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure
      this.#failure = undefined
      throw failure
    }
  }

  #do<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue(() => this.#surviving(work))
  }

  /** Does the work, again in a new folder where this one is lost. To be called within the queue. */
  async #surviving<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const { writer } = this.#opened
      try {
        return await work()
      } catch (error) {
        await this.#beginAnew(writer, error)
      }
    }
  }

  /**
   * Goes on in a new folder with what is in memory, and tells what is lost. To be called within the queue.
   *
   * @param failed another call may have begun anew already: then the catalog has refused the older claim of this writer
   * @throws the cause when the folder is not gone
   */
  async #beginAnew(failed: DataWriter, cause: unknown): Promise<void> {
    if (failed !== this.#opened.writer) return
    if (!isLoss(cause)) throw cause
    const before = this.#held
    for (let over = false; !over;) {
      this.#losses += 1
      if (this.#losses > mostLosses) throw cause
      const { writer, entry } = this.#opened
      this.#opened = await this.#parts.anew(entry)
      this.#written = new ByteSet()
      await writer.close().catch(() => undefined)
      // The storage may be emptied folder by folder, so that the new one is lost as well.
      over = await this.#repeat(before).then(() => true, ifLost)
    }
    const kept = new Set(this.#held.map(({ offset }) => offset))
    // Told together: in the new folder nothing may be read that was committed in the old one only.
    this.place = this.#opened.entry.name
    this.#parts.lost?.(before.filter(({ offset }) => !kept.has(offset)))
  }

  /** Writes what is in memory to a new folder, and commits the runs that are complete there. */
  async #repeat(before: readonly HeldRun[]): Promise<void> {
    this.#held = []
    this.#pending = []
    this.#unwritten = []
    this.#pendingBytes = 0
    this.#indexed.clear()
    const { writer } = this.#opened
    const here = await this.#recent.repeat((offset, bytes) => writer.write(offset, bytes))
    for (const range of here.ranges) this.#written.add(range)
    for (const run of before)
      if (here.covers({ start: run.offset, end: endOf(run) })) await this.#commit(run)
    await this.#flush()
  }

  async #commit(run: JournalRun): Promise<void> {
    const { writer } = this.#opened
    const length = runLength(run)
    const range = { start: run.offset, end: run.offset + length }
    // A preallocated file would hold zeros there.
    if (!this.#written.covers(range)) throw notWritten(range)
    const parts = await writer.place(range)
    const entry: JournalEntry = { kind: 'run', run: { ...run, parts } }
    this.#note(entry, length, await writer.note(entry).catch(ifFull))
  }

  #note(entry: JournalEntry, bytes: number, written: boolean): void {
    this.#held = applyJournal(this.#held, [entry])
    this.#pending.push(entry)
    if (!written) this.#unwritten.push(entry)
    this.#pendingBytes += bytes
  }

  #flushLater(): void {
    if (this.#timer) return
    this.#timer = true
    const { clock } = this.#parts
    void clock
      .sleep(flushMs, this.#ended.signal)
      .then(() => this.#do(() => this.#flushIfRoom()))
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted) this.#failure = error
      })
      .finally(() => (this.#timer = false))
  }

  /** Where the device is full, what was written can be read all the same; the journal is tried again later. */
  async #flushIfRoom(): Promise<void> {
    await this.#flush().catch(ifFull)
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return
    const { catalog, chunks, clock } = this.#parts
    const { entry, writer } = this.#opened
    const count = await writer.flush(this.#unwritten)
    const parts = mergeParts(this.#held.flatMap((run) => run.parts))
    await catalog.commit(entry, clock.now(), {
      held: partsLength(parts),
      parts,
      journal: { generation: entry.generation, count },
      lastUsed: clock.now(),
    })
    await chunks.add(this.#newXorbs(), this.content).catch(() => undefined)
    this.#pending = []
    this.#unwritten = []
    this.#pendingBytes = 0
  }

  #newXorbs(): Set<string> {
    const xorbs = new Set<string>()
    for (const entry of this.#pending) {
      if (entry.kind !== 'run' || entry.run.xorb === '' || this.#indexed.has(entry.run.xorb))
        continue
      xorbs.add(entry.run.xorb)
      this.#indexed.add(entry.run.xorb)
    }
    return xorbs
  }
}

function endOf(run: JournalRun): number {
  return run.offset + runLength(run)
}

/** @returns false for a device that has no room; any other error is thrown */
function ifFull(error: unknown): false {
  const failure = storageError(error, 'writing the journal')
  if (failure instanceof FerryError && failure.code === 'quota') return false
  throw error
}
