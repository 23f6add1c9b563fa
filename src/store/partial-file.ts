import { type ByteRange, type Clock, FerryError } from '../core/index.ts'
import { applyJournal, filesOf, type JournalEntry } from './journal.ts'
import { mergeParts, partsLength, runLength, type HeldRun, type JournalRun } from './runs.ts'
import { serial, type DataWriter } from './writer.ts'
import { executeQuotaErrorCallbacks } from 'workbox-core/_private/executeQuotaErrorCallbacks.js'
import type { Catalog } from './catalog.ts'
import type { ChunkIndex } from './chunk-index.ts'
import type { Folder } from './folder.ts'
import type { CatalogFile, PartialFile, Proof } from './store.ts'

/** Maximum loss in a crash of the machine; a crash of a tab loses as much only with piece files. */
const flushBytes = 64 * 1024 * 1024
const flushMs = 2000

/** The dependencies of an open file. */
interface OpenPartialParts {
  /** The entry after `begin`: its generation is the right to write. */
  readonly entry: CatalogFile
  readonly held: readonly HeldRun[]
  readonly writer: DataWriter
  readonly folder: Folder
  readonly catalog: Catalog
  readonly chunks: ChunkIndex
  readonly clock: Clock
}

/** The implementation of {@link PartialFile}: tracks committed runs, and decides when they are flushed. */
export class OpenPartial implements PartialFile {
  readonly content: string
  readonly size: number
  readonly place: string
  readonly #parts: OpenPartialParts
  readonly #queue = serial()
  readonly #ended = new AbortController()
  readonly #indexed = new Set<string>()
  #held: readonly HeldRun[]
  /** Entries since the last flush that the journal does not contain yet. */
  #pending: JournalEntry[] = []
  #unwritten: JournalEntry[] = []
  #pendingBytes = 0
  #timer = false
  /** The error of a failed background flush; the next call throws it. */
  #failure: unknown

  constructor(parts: OpenPartialParts) {
    this.#parts = parts
    this.#held = parts.held
    this.content = parts.entry.content
    this.size = parts.entry.size
    this.place = parts.entry.name
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
    try {
      await this.#parts.writer.write(offset, bytes)
    } catch (error) {
      const full = error instanceof FerryError && error.code === 'quota'
      // Other caches of this origin may free space, so that the next attempt succeeds.
      if (full) await executeQuotaErrorCallbacks()
      throw error
    }
  }

  commit(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    return this.#queue(async () => {
      const length = runLength(run)
      const parts = await this.#parts.writer.place({
        start: run.offset,
        end: run.offset + length,
      })
      const { xorb, chunk, offset, rows } = run
      const entry: JournalEntry = { kind: 'run', run: { xorb, chunk, offset, rows, parts } }
      const written = await this.#parts.writer.note(entry)
      this.#note(entry, length, written)
      if (this.#pendingBytes >= flushBytes) await this.#flush()
      else this.#flushLater()
    })
  }

  async read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    this.#mustBeOpen()
    const needed = this.#held.filter(
      (run) => run.offset < range.end && run.offset + runLength(run) > range.start,
    )
    return this.#parts.writer.read(mergeParts(needed.flatMap((run) => run.parts)), range)
  }

  drop(run: JournalRun): Promise<void> {
    this.#mustBeOpen()
    return this.#queue(async () => {
      this.#note({ kind: 'drop', offset: run.offset, length: runLength(run) }, 0, false)
      await this.#flush()
    })
  }

  flush(): Promise<void> {
    this.#mustBeOpen()
    return this.#queue(() => this.#flush())
  }

  finish(proof: Proof): Promise<void> {
    this.#mustBeOpen()
    return this.#queue(async () => {
      await this.#flush()
      const { entry, catalog, clock, folder, writer } = this.#parts
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
      const { entry, catalog, clock, folder, writer } = this.#parts
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
      try {
        await this.#flush()
      } finally {
        this.#ended.abort()
        await this.#parts.writer.close()
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
      .then(() => this.#queue(() => this.#flush()))
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted) this.#failure = error
      })
      .finally(() => (this.#timer = false))
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return
    const { entry, catalog, chunks, clock, writer } = this.#parts
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
