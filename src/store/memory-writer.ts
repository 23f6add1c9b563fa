// The driver for a full device: bytes stay in memory until their readers have them.
import { type ByteRange, type Clock, overlaps } from '../core/index.ts'
import { type Folder, ifMissing, notHeld } from './folder.ts'
import { type FilePart, type HeldRun, rangeOf } from './runs.ts'
import type { BeginOptions } from './store.ts'
import { type DataWriter, gather, rangesOf, type RecentWrite } from './writer.ts'

/** The readers of a file in the realm that writes it. */
export type LocalReaders = NonNullable<BeginOptions['readers']>

/** The dependencies of a {@link MemoryWriter}. */
interface FullDevice {
  readonly folder: Folder
  readonly readers: LocalReaders
  readonly clock: Clock
  /** Ends the waits. */
  readonly signal: AbortSignal
  /** Thrown by `flush`: the device has no room. */
  readonly quotaError: unknown
}

/** Above this many bytes in all files of a realm, writes pause until a reader has read, unless a reader of the file waits. */
const unreadLimit = 64 * 1024 * 1024
/** Those with bytes in memory. */
const writers = new Set<MemoryWriter>()
/** Interval between two checks of the readers' positions, milliseconds. */
const lookMs = 50

/**
 * Keeps bytes in memory for the readers of this realm when the device has no room for them, and forgets those that all
 * readers have passed. What is on the device already is read from there. The file cannot be finished.
 */
export class MemoryWriter implements DataWriter {
  readonly #device: FullDevice
  #writes: RecentWrite[]

  /** @param recent what may be missing on the device, although it was written */
  constructor(device: FullDevice, recent: readonly RecentWrite[]) {
    this.#device = device
    this.#writes = [...recent]
    writers.add(this)
  }

  /** Releases the bytes that all readers have passed. @returns bytes in memory */
  #trim(): number {
    const needed = this.#device.readers.needed() ?? []
    this.#writes = this.#writes.filter(({ range }) => needed.some((one) => overlaps(one, range)))
    return this.#writes.reduce((sum, write) => sum + write.bytes.length, 0)
  }

  /** The runs that can still be read: a stream that fails takes all bytes of its OPFS file with it. */
  async readableRuns(held: readonly HeldRun[]): Promise<readonly HeldRun[]> {
    const here = rangesOf(this.#writes)
    const readable: HeldRun[] = []
    for (const run of held)
      if (here.covers(rangeOf(run)) || (await this.#onDevice(run.parts))) readable.push(run)
    return readable
  }

  async #onDevice(parts: readonly FilePart[]): Promise<boolean> {
    for (const { name, at, length } of parts) {
      const file = await this.#device.folder.blob(name).catch(ifMissing)
      if (!file || file.size < at + length) return false
    }
    return true
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const { readers, clock, signal } = this.#device
    for (;;) {
      const length = [...writers].reduce((sum, writer) => sum + writer.#trim(), 0)
      if (length <= unreadLimit || readers.waiting()) break
      await clock.sleep(lookMs, signal)
    }
    this.#writes.push({
      range: { start: offset, end: offset + bytes.length },
      bytes: bytes.slice(),
    })
  }

  /** Memory has no parts. */
  async place(): Promise<readonly FilePart[]> {
    return []
  }

  keeps(): boolean {
    return true
  }

  async read(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const found: RecentWrite[] = []
    for (const part of parts) {
      const start = Math.max(range.start, part.offset)
      const end = Math.min(range.end, part.offset + part.length)
      if (start >= end) continue
      const bytes = await this.#device.folder.read([part], start, end).catch(ifMissing)
      if (bytes) found.push({ range: { start, end }, bytes })
    }
    found.push(...this.#writes)
    if (!rangesOf(found).covers(range)) throw notHeld(range)
    return gather(found, range)
  }

  /** There is nothing that a journal could name. */
  async append(): Promise<boolean> {
    return true
  }

  /** @throws the error of the device: the file is not kept */
  async flush(): Promise<number> {
    throw this.#device.quotaError
  }

  async trim(): Promise<void> {}

  async close(): Promise<void> {
    writers.delete(this)
    this.#writes = []
  }
}
