import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import { claimByStream } from './claimByStream.ts'
import { dataName } from './dataName.ts'
import type { DataWriter } from './DataWriter.ts'
import { encodeJournal } from './encodeJournal.ts'
import type { FilePart } from './FilePart.ts'
import type { Folder } from './Folder.ts'
import { HandleQueue } from './HandleQueue.ts'
import type { JournalEntry } from './JournalEntry.ts'
import { journalName } from './journalName.ts'
import { storageError } from './storageError.ts'
import { writeFully } from './writeFully.ts'

/** Writes in place through sync access handles: dedicated workers only, and the fastest there is. */
export class SyncWriter implements DataWriter {
  readonly #folder: Folder
  readonly #data: HandleQueue
  readonly #journal: string

  private constructor(
    folder: Folder,
    data: FileSystemFileHandle,
    generation: number,
    check: () => Promise<void>,
  ) {
    this.#folder = folder
    this.#data = new HandleQueue(() => folder.open(data), check)
    this.#journal = journalName(generation, 0)
  }

  /**
   * @param size bytes of the whole file, claimed from the quota at once: Chromium asks the browser process
   *   each time a file grows, which costs more than the writing itself (measured: 250 against 1070 MB/s)
   * @param check rejects when this realm may write no more
   */
  static async open(
    folder: Folder,
    generation: number,
    size: number,
    check: () => Promise<void>,
  ): Promise<SyncWriter> {
    const data = await folder.handle(dataName, true)
    if (!(await claim(folder, data, size, check))) {
      const claimed = await claimByStream(data, size, async () => {
        await check()
        return true
      })
      if (!claimed) throw storageError(noRoom(), `making room for ${size} bytes`)
    }
    return new SyncWriter(folder, data, generation, check)
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.#do('writing model bytes', (data) => writeFully(data, bytes, offset))
  }

  async place(range: ByteRange): Promise<readonly FilePart[]> {
    const { start, end } = range
    return [{ name: dataName, offset: start, at: start, length: end - start }]
  }

  keeps(parts: readonly FilePart[]): boolean {
    return parts.every((part) => part.name === dataName)
  }

  read(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    return this.keeps(parts) ? this.#readData(range) : this.#readParts(parts, range)
  }

  async note(entry: JournalEntry): Promise<boolean> {
    await this.#enter([entry])
    return true
  }

  async flush(entries: readonly JournalEntry[]): Promise<number> {
    await this.#do('flushing model bytes', (data) => data.flush())
    await this.#enter(entries, (journal) => journal.flush())
    return 1
  }

  async close(): Promise<void> {
    await this.#data.idle()
  }

  async #enter(
    entries: readonly JournalEntry[],
    then?: (journal: FileSystemSyncAccessHandle) => void,
  ): Promise<void> {
    const records = encodeJournal(entries)
    const journal = await this.#folder.open(await this.#folder.handle(this.#journal, true))
    try {
      writeFully(journal, records, journal.getSize())
      then?.(journal)
    } catch (error) {
      throw storageError(error, 'writing the journal')
    } finally {
      journal.close()
    }
  }

  #readData(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(range.end - range.start)
    return this.#do('reading model bytes', (data) => {
      const count = data.read(bytes, { at: range.start })
      if (count === bytes.length) return bytes
      throw tooShort(range)
    })
  }

  async #readParts(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#folder.read(parts, range.start, range.end)
    if (bytes === undefined) throw tooShort(range)
    return bytes
  }

  async #do<T>(doing: string, work: (data: FileSystemSyncAccessHandle) => T): Promise<T> {
    try {
      return await this.#data.run(work)
    } catch (error) {
      throw storageError(error, doing)
    }
  }
}

/** @returns false when there is too little room, or so it seems: see `claimByStream` */
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
    if (handle.getSize() !== size) handle.truncate(size)
    return true
  } catch (error) {
    const failure = storageError(error, doing)
    const full = failure instanceof FerryError && failure.code === 'quota'
    // What is written already would be lost by a stream.
    if (full && handle.getSize() === 0 && 'createWritable' in data) return false
    throw failure
  } finally {
    handle.close()
  }
}

function noRoom(): DOMException {
  return new DOMException('The quota is exceeded.', 'QuotaExceededError')
}

function tooShort(range: ByteRange): FerryError {
  return new FerryError(
    'storage',
    `Bytes ${range.start} to ${range.end} are missing on the device although they were committed. Begin the file again.`,
    { retryable: true },
  )
}
