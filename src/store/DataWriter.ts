import type { ByteRange } from '../core/ByteRange.ts'
import type { FilePart } from './FilePart.ts'
import type { JournalEntry } from './JournalEntry.ts'

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
