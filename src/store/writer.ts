import { type ByteRange, capabilities, FerryError } from '../core/index.ts'
import type { JournalEntry } from './journal.ts'
import type { FilePart } from './runs.ts'

/** How bytes reach the disk: what the two drivers do differently. */
export interface DataWriter {
  /** The bytes may be reused once the promise resolves. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Where the written bytes of a range lie from now on. They may become readable only at the next flush. */
  place(range: ByteRange): Promise<readonly FilePart[]>
  /** Whether bytes of an earlier session may stay where they are; else they are written again. */
  keeps(parts: readonly FilePart[]): boolean
  /** @param parts as `place` gave them, or of an earlier session */
  read(parts: readonly FilePart[], range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Enters what was placed into the journal at once, where bytes can be read as soon as they are written. It
   * then survives the end of this realm; that of the machine only after the next flush.
   *
   * @returns whether it was entered; if not, `flush` has to be given it
   */
  note(entry: JournalEntry): Promise<boolean>
  /**
   * Data first, then the journal: what the journal names is on disk.
   *
   * @returns count of journal files of this generation
   */
  flush(entries: readonly JournalEntry[]): Promise<number>
  /** Lets go of everything; bytes that were not placed are lost. */
  close(): Promise<void>
}

/**
 * Which way to write works in this realm: sync access handles exist in dedicated workers only.
 *
 * @param root folder of OPFS that it is tried in
 * @param wanted what the caller asked for
 * @throws FerryError `unsupported` when it does not work here
 */
export async function chooseDriver(
  root: FileSystemDirectoryHandle,
  wanted?: 'sync' | 'pieces',
): Promise<'sync' | 'pieces'> {
  const { writables: pieces } = capabilities
  const sync = await capabilities.syncHandles(root)
  const chosen = wanted ?? (sync ? 'sync' : 'pieces')
  if (chosen === 'sync' ? sync : pieces) return chosen
  throw new FerryError(
    'unsupported',
    chosen === 'sync'
      ? 'Sync access handles exist only in dedicated workers. Open the store in one, or with the driver "pieces".'
      : 'This browser cannot write files here. Open the store in a dedicated worker, or update the browser.',
  )
}

/**
 * Makes a queue of one: jobs run one after the other, in the order they were given, whatever became of the
 * ones before.
 */
export function serial(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const next = last.then(job, job)
    last = next.catch(() => undefined)
    return next
  }
}

/** The error of a writer whose file somebody else has begun to write. */
export function superseded(content: string): FerryError {
  return new FerryError(
    'superseded',
    `Another tab or worker has taken over ${content}. Let it finish; what it commits can be read from here.`,
  )
}
