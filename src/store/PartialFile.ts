import type { ByteRange } from '../core/ByteRange.ts'
import type { JournalRun } from './JournalRun.ts'
import type { Proof } from './Proof.ts'

/**
 * A file on its way. Whoever has it holds the file's lock. Every method rejects with `superseded` once
 * somebody else began to write the same file, and with `quota` when the device has no room.
 */
export interface PartialFile {
  readonly content: string
  readonly size: number
  /** The folder that is written to, as `Store.announced` wants it. */
  readonly place: string
  /** What is committed now, by ascending offset; at first what an earlier session left and hashed right. */
  readonly committed: readonly JournalRun[]
  /**
   * Puts bytes at a place. The bytes of one run are written in ascending order and without gaps; different
   * runs may alternate. Best is 1 to 8 MiB a call. The bytes may be reused once the promise resolves.
   *
   * @param offset first byte in the file
   */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /**
   * Declares a written run right. It can be read at once. Written in place, it survives the end of this realm
   * from then on; in piece files, and for a crash of the machine, from the next flush on: at the latest 2 s or
   * 64 MiB later.
   */
  commit(run: JournalRun): Promise<void>
  /** @param range within one stretch of committed runs; else rejects with `storage` */
  read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
  /** Takes back committed runs that turned out wrong, those that share a byte with this one included. */
  drop(run: JournalRun): Promise<void>
  /** Makes everything committed so far survive a crash. */
  flush(): Promise<void>
  /**
   * Flushes and lets the catalog call the file complete; from then on it is immutable and this is closed.
   *
   * @throws FerryError `storage` when the committed runs do not cover the file
   */
  finish(proof: Proof): Promise<void>
  /** Forgets the file and its bytes. */
  discard(): Promise<void>
  /** Flushes and keeps what is committed for a later `begin`. Safe to call twice, and after `finish`. */
  close(): Promise<void>
}
