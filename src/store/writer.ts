// The interface of the drivers that write bytes, the choice between them, and the newest writes in memory.
import { type ByteRange, ByteSet, FerryError, overlaps } from '../core/index.ts'
import { writesInPlace, writesPieces } from '../platform/index.ts'
import type { JournalEntry } from './journal.ts'
import type { FilePart } from './runs.ts'

/** Up to this size a file is written with a few calls, each of which may cost more than the writing itself, bytes. */
export const smallFile: number = 2 * 1024 * 1024

/** Writes bytes to the disk: the operations that differ between the two drivers. */
export interface DataWriter {
  /** The bytes may be reused once the promise resolves. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** The final location of the written bytes of a range. They may become readable only at the next flush. */
  place(range: ByteRange): Promise<readonly FilePart[]>
  /** Whether bytes of an earlier session can stay at their location; otherwise they are written again. */
  keeps(parts: readonly FilePart[]): boolean
  /** @param parts from `place`, or of an earlier session */
  read(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Appends a placed run to the journal at once, if bytes can be read as soon as they are written. It then survives
   * the end of this realm; a crash of the machine only after the next flush.
   *
   * @returns whether it was appended; otherwise it must be passed to `flush`
   */
  append(entry: JournalEntry): Promise<boolean>
  /**
   * Flushes data first, then the journal, so that all bytes in the journal are on disk.
   *
   * @returns count of journal files of this generation
   */
  flush(entries: readonly JournalEntry[]): Promise<number>
  /** Gives back the room that was claimed behind the last byte that counts. */
  trim(end: number): Promise<void>
  /** Lets go of everything; bytes that were not placed are lost. */
  close(): Promise<void>
}

/**
 * Chooses the driver that works in this realm: sync access handles exist in dedicated workers only.
 *
 * @param root OPFS folder for the test
 * @param wanted the requested driver
 * @throws FerryError `unsupported` when it does not work here
 */
export async function chooseDriver(
  root: FileSystemDirectoryHandle,
  wanted?: 'sync' | 'pieces',
): Promise<'sync' | 'pieces'> {
  const pieces = writesPieces()
  const sync = await writesInPlace(root)
  const chosen = wanted ?? (sync ? 'sync' : 'pieces')
  if (chosen === 'sync' ? sync : pieces) return chosen
  throw new FerryError(
    'unsupported',
    'This browser cannot write files here. Open the store in a dedicated worker, or update the browser.',
  )
}

/**
 * Makes a serial queue: jobs run one after the other, in order, regardless of the results of earlier ones.
 */
export function serial(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const next = last.then(job, job)
    last = next.catch(() => undefined)
    return next
  }
}

/** The error of a writer whose file another realm has begun to write. */
export function superseded(content: string): FerryError {
  return new FerryError(
    'superseded',
    `Another tab or worker has taken over ${content}. Let it finish.`,
  )
}

/** The error of bytes that were given to a writer whose storage is lost: the transfer fetches them again. */
export function notWritten({ start, end }: ByteRange): FerryError {
  const message = `Bytes ${start} to ${end} are not written.`
  return new FerryError('protocol', message, { retryable: true })
}

/** Bytes in memory, and their range of the file. */
export interface RecentWrite {
  readonly range: ByteRange
  readonly bytes: Uint8Array
}

export function rangesOf(writes: readonly RecentWrite[]): ByteSet {
  return new ByteSet(writes.map(({ range }) => range))
}

/** The bytes of a range; later writes replace earlier ones. */
export function gather(writes: readonly RecentWrite[], range: ByteRange): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(range.end - range.start)
  for (const { range: own, bytes } of writes) {
    const start = Math.max(range.start, own.start)
    const end = Math.min(range.end, own.end)
    if (start < end)
      all.set(bytes.subarray(start - own.start, end - own.start), start - range.start)
  }
  return all
}

/** Bytes that stay in memory, of all files that this realm writes. */
const mostRecentBytes = 32 * 1024 * 1024
/** Files that this realm writes at present: they share the memory. */
let open = 0

/**
 * The newest bytes that were written to a file stay in memory for a while: when the device's storage is emptied, they
 * need not be fetched again.
 */
export class RecentWrites {
  #writes: RecentWrite[] = []
  #length = 0
  /** How many of the oldest are used elsewhere. */
  #lent = 0
  #closed = false

  constructor() {
    open += 1
  }

  /** @returns the writes, oldest first, whose bytes do not change afterwards */
  lend(): readonly RecentWrite[] {
    this.#lent = this.#writes.length
    return [...this.#writes]
  }

  /**
   * The bytes of a range, such as the whole of a small file for its hashes; undefined when some are no longer in memory.
   */
  read(range: ByteRange): Uint8Array<ArrayBuffer> | undefined {
    return rangesOf(this.#writes).covers(range) ? gather(this.#writes, range) : undefined
  }

  /** Copies the bytes, into the memory of older writes where these have to go. */
  add(offset: number, bytes: Uint8Array): void {
    const { length } = bytes
    if (this.#closed) return
    let buffer: ArrayBuffer | undefined
    while (this.#writes.length > 0 && this.#length + length > mostRecentBytes / open) {
      const { bytes: oldest } = this.#writes.shift() as RecentWrite
      this.#length -= oldest.length
      if (this.#lent > 0) this.#lent -= 1
      else buffer = oldest.buffer as ArrayBuffer
    }
    if (length > mostRecentBytes / open) return
    // Writes differ by a chunk: with the same room, the next one fits as well.
    if (!buffer || buffer.byteLength < length)
      buffer = new ArrayBuffer(length < 2 ** 20 ? length : length + 2 ** 17)
    const copy = new Uint8Array(buffer, 0, length)
    copy.set(bytes)
    this.#writes.push({ range: { start: offset, end: offset + length }, bytes: copy })
    this.#length += length
  }

  /** Forgets bytes that turned out wrong. */
  drop(wrong: ByteRange): void {
    this.#writes = this.#writes.filter(({ range }) => !overlaps(range, wrong))
    // At least as many as are used elsewhere.
    this.#lent = Math.min(this.#lent, this.#writes.length)
    this.#length = this.#writes.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  close(): void {
    if (!this.#closed) open -= 1
    this.#closed = true
    this.#writes = []
  }
}
