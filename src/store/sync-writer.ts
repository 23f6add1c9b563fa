// The driver with sync access handles, for dedicated workers: one data file, written in place.
import { type ByteRange, FerryError } from '../core/index.ts'
import { dataName, ifMissing, isLoss, notHeld, storageError, type Folder } from './folder.ts'
import { encodeJournal, journalName, type JournalEntry } from './journal.ts'
import { claimByStream } from './quota.ts'
import type { FilePart } from './runs.ts'
import { smallFile, type DataWriter } from './writer.ts'

interface Job {
  readonly work: (handle: FileSystemSyncAccessHandle) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Shares one file's sync access handle among synchronous jobs: it is opened when there is a job, and closed when none
 * is left. It is never held across an await, because readers of other realms fail while it is open.
 */
export class HandleQueue {
  readonly #open: () => Promise<FileSystemSyncAccessHandle>
  readonly #check: () => Promise<void>
  #jobs: Job[] = []
  #running: Promise<void> | undefined

  /**
   * @param check rejects when this realm may no longer write; called while the handle is held: since a successor
   *   opens the handle once after its catalog entry, no earlier write can follow
   */
  constructor(open: () => Promise<FileSystemSyncAccessHandle>, check: () => Promise<void>) {
    this.#open = open
    this.#check = check
  }

  run<T>(work: (handle: FileSystemSyncAccessHandle) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, resolve: resolve as Job['resolve'], reject })
      this.#running ??= this.#drain()
    })
  }

  /** Resolves when no job is left. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#jobs.length > 0) {
      try {
        const handle = await this.#open()
        try {
          await this.#check()
          this.#work(handle)
        } finally {
          handle.close()
        }
      } catch (error) {
        for (const job of this.#jobs.splice(0)) job.reject(error)
      }
    }
    // In the same step as the last check for jobs: a job that comes later starts a new run.
    this.#running = undefined
  }

  #work(handle: FileSystemSyncAccessHandle): void {
    for (const job of this.#jobs.splice(0)) {
      try {
        job.resolve(job.work(handle))
      } catch (error) {
        job.reject(error)
      }
    }
  }
}

/**
 * Writes all bytes, or throws when there is no space: Firefox reports a full disk only as a short count.
 *
 * @param at first byte in the OPFS file
 * @throws FerryError `quota`
 */
function writeFully(handle: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number): void {
  const written = counted(handle.write(bytes, { at }), bytes.length)
  if (written === bytes.length) return
  throw new FerryError(
    'quota',
    `Only ${written} of ${bytes.length} bytes could be written. Remove files or free disk space, then try again.`,
    { retryable: true },
  )
}

/**
 * The bytes that a handle has read or written, or that its file has. Chromium gives an error, as of a file that was
 * deleted while the handle was open or may not grow, as an unsigned number: a count near 2^32, a size near 2^64.
 *
 * @param most largest possible value
 * @throws DOMException `NotFoundError`
 */
function counted(count: number, most: number): number {
  if (count <= most) return count
  throw new DOMException(`The file is gone (${count}).`, 'NotFoundError')
}

/** @throws DOMException `NotFoundError` */
function sizeOf(handle: FileSystemSyncAccessHandle): number {
  return counted(handle.getSize(), Number.MAX_SAFE_INTEGER)
}

/** Writes in place through sync access handles: dedicated workers only, and the fastest there is. */
export class SyncWriter implements DataWriter {
  readonly #folder: Folder
  readonly #data: HandleQueue
  readonly #journal: string
  readonly #isSmall: boolean
  /** Looked up while the bytes of a small file are written. */
  #journalFile: Promise<FileSystemFileHandle> | undefined

  private constructor(
    folder: Folder,
    data: FileSystemFileHandle,
    generation: number,
    isSmall: boolean,
    check: () => Promise<void>,
  ) {
    this.#folder = folder
    this.#isSmall = isSmall
    this.#data = new HandleQueue(() => folder.open(data), check)
    this.#journal = journalName(generation, 0)
  }

  /**
   * @param size bytes of the whole file, claimed from the quota at once: Chromium asks the browser process
   *   each time a file grows, which costs more than the writing itself (measured: 250 against 1070 MB/s). A small
   *   file grows only a few times; a claim would also wait until an earlier writer has closed the file, but the first
   *   generation has none
   * @param check rejects when this realm may no longer write
   */
  static async open(
    folder: Folder,
    generation: number,
    size: number,
    check: () => Promise<void>,
  ): Promise<SyncWriter> {
    const data = await folder.handle(dataName, true)
    const isSmall = size <= smallFile && generation === 1
    if (!isSmall && !(await claim(folder, data, size, check))) {
      const claimed = await claimByStream(data, size, async () => {
        await check()
        return true
      })
      if (!claimed) throw storageError(noSpace(), `making room for ${size} bytes`)
    }
    return new SyncWriter(folder, data, generation, isSmall, check)
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#isSmall) {
      this.#journalFile ??= this.#folder.handle(this.#journal, true)
      // The entry into the journal gets the error.
      this.#journalFile.catch(() => undefined)
    }
    await this.#do('writing model bytes', (data) => {
      writeFully(data, bytes, offset)
      // While the handle is open: to open it again costs more.
      if (this.#isSmall) data.flush()
    })
  }

  async place(range: ByteRange): Promise<readonly FilePart[]> {
    const { start, end } = range
    return [{ name: dataName, offset: start, at: start, length: end - start }]
  }

  keeps(parts: readonly FilePart[]): boolean {
    return parts.every((part) => part.name === dataName)
  }

  async read(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    if (this.keeps(parts)) return await this.#readData(range)
    const bytes = await this.#folder.read(parts, range.start, range.end)
    if (bytes === undefined) throw notHeld(range)
    return bytes
  }

  async append(entry: JournalEntry): Promise<boolean> {
    await this.#enter([entry])
    return true
  }

  async flush(entries: readonly JournalEntry[]): Promise<number> {
    if (!this.#isSmall) await this.#do('flushing model bytes', (data) => data.flush())
    await this.#enter(entries, (journal) => journal.flush())
    return 1
  }

  async trim(end: number): Promise<void> {
    await this.#do('giving room back', (data) => sizeOf(data) > end && data.truncate(end))
  }

  async close(): Promise<void> {
    await this.#data.idle()
  }

  async #enter(
    entries: readonly JournalEntry[],
    then?: (journal: FileSystemSyncAccessHandle) => void,
  ): Promise<void> {
    const records = encodeJournal(entries)
    const file = this.#journalFile ?? this.#folder.handle(this.#journal, true)
    const journal = await this.#folder.open(await file)
    try {
      writeFully(journal, records, sizeOf(journal))
      then?.(journal)
    } catch (error) {
      journal.close()
      // Chromium gives the same number for a file that may not grow. The handle has to be closed to look for the file.
      const isFull = isLoss(error) && (await this.#folder.blob(this.#journal).catch(ifMissing))
      throw storageError(isFull ? noSpace() : error, 'writing the journal')
    }
    journal.close()
  }

  #readData(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(range.end - range.start)
    return this.#do('reading model bytes', (data) => {
      const count = counted(data.read(bytes, { at: range.start }), bytes.length)
      if (count === bytes.length) return bytes
      throw notHeld(range)
    })
  }

  async #do<T>(doing: string, work: (data: FileSystemSyncAccessHandle) => T): Promise<T> {
    try {
      return await this.#data.run(work)
    } catch (error) {
      throw storageError(error, doing)
    }
  }
}

/** @returns false when there is, or seems to be, too little space: see `claimByStream` */
async function claim(
  folder: Folder,
  data: FileSystemFileHandle,
  size: number,
  check: () => Promise<void>,
): Promise<boolean> {
  const doing = `making room for ${size} bytes`
  const handle = await folder.open(data)
  try {
    await check()
    if (sizeOf(handle) !== size) handle.truncate(size)
    return true
  } catch (error) {
    const failure = storageError(error, doing)
    const full = failure instanceof FerryError && failure.code === 'quota'
    // A stream would lose bytes that are written already.
    if (full && handle.getSize() === 0 && 'createWritable' in data) return false
    throw failure
  } finally {
    handle.close()
  }
}

function noSpace(): DOMException {
  return new DOMException('The quota is exceeded.', 'QuotaExceededError')
}
