import type { ByteRange } from '../core/ByteRange.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { BeginOptions } from './BeginOptions.ts'
import type { Branches } from './Branches.ts'
import type { CatalogFile } from './CatalogFile.ts'
import type { CatalogMissing } from './CatalogMissing.ts'
import type { CatalogUrl } from './CatalogUrl.ts'
import type { HeldChunk } from './HeldChunk.ts'
import type { JournalRun } from './JournalRun.ts'
import type { KnownPath } from './KnownPath.ts'
import type { LockOptions } from './LockOptions.ts'
import type { PartialFile } from './PartialFile.ts'
import type { StoredFile } from './StoredFile.ts'
import type { Usage } from './Usage.ts'
import type { Verification } from './Verification.ts'

/** Model files on the device. Holds no truth in memory: any number of realms may have one open. */
export interface Store {
  readonly driver: 'sync' | 'pieces'
  /** What branches lead to; their files are kept under the addresses that name the commit. */
  readonly branches: Branches

  /** @param url as in `FileInfo.url` */
  url(url: string): Promise<CatalogUrl | undefined>
  /**
   * Notes what a URL leads to and who may be answered. Same content: the grant is added; other content:
   * only this grant is left, since nobody else has been checked against it.
   */
  saveUrl(info: FileInfo, grant: string): Promise<void>
  /** Takes from this grant, and from everybody, what a URL leads to, and forgets that it was missing. */
  dropUrl(url: string, grant: string): Promise<void>
  /** What this grant, and no other, was last told of a URL that leads to no file. */
  missing(url: string, grant: string): Promise<CatalogMissing | undefined>
  /**
   * Notes that a URL leads to no file. The grant loses what the URL led to before; `saveUrl` is the way back.
   * A limited number is remembered, the newest ones.
   */
  saveMissing(entry: CatalogMissing): Promise<void>
  /**
   * Whose grants an app has in use, the newest last.
   *
   * @param app its scope
   */
  session(app: string): Promise<readonly string[]>
  /**
   * Changes whose grants an app has in use. Who goes loses all URLs, branches, and what was said of missing
   * files; URLs that nobody may be answered are forgotten. The bytes stay.
   *
   * @param change must not wait for anything
   */
  changeSession(
    app: string,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<void>
  /** What this grant may be answered of the addresses that begin so: each by what follows. */
  known(prefix: string, grant: string): Promise<readonly KnownPath[]>

  /** What the catalog says about these bytes, partial or complete. */
  entry(content: string): Promise<CatalogFile | undefined>
  /**
   * A finished file, by a handle of its own. Undefined when it is not here, or not complete; a file whose
   * bytes are gone is taken out of the catalog.
   */
  file(content: string): Promise<Blob | undefined>
  /**
   * Bytes of a file that is finished or on its way, from any realm. Of a file on its way only committed
   * chunks, each hashed again as it is read.
   *
   * @returns undefined when not all of the range is held
   */
  peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>
  /**
   * Bytes that the realm writing the file has announced as committed, which may be before they are flushed.
   *
   * @param place where that realm writes (`PartialFile.place`), as it said; undefined: only what can be checked
   *   is read
   * @throws FerryError `storage` when they do not appear within 8 s
   */
  announced(
    content: string,
    range: ByteRange,
    place: string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>>
  /** The committed runs by ascending offset, as of the last flush; empty when the file is unknown. */
  journal(content: string): Promise<readonly JournalRun[]>
  /** Which chunks of a xorb are on the device. A hint: look at each chunk's hash before it is used. */
  chunksOf(xorb: string): Promise<readonly HeldChunk[]>

  /**
   * Lets one realm at a time write a file. The holder gives a sign of life every second; after 5 s without
   * one the lock is taken from it.
   *
   * @param work gets a signal that is aborted when the lock was taken away or the caller gave up
   * @returns what the work returned; undefined when `ifAvailable` and somebody else is at work
   * @throws FerryError `superseded` when the lock was taken away; the signal's reason when aborted
   */
  lock<T>(
    content: string,
    options: LockOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined>
  /**
   * Begins or resumes writing. The caller holds the lock and has seen that the file is not complete. Runs of
   * an earlier session count only when what lies on disk hashes right.
   *
   * @param size bytes of the whole file
   * @throws FerryError `storage` when the file is complete (and `heal` is not set) or known with another size
   */
  begin(content: string, size: number, options?: BeginOptions): Promise<PartialFile>
  /**
   * Makes room before a transfer starts: other caches that registered for it are asked first, then files
   * that were used longest ago are evicted.
   *
   * @param bytes still to be written
   * @param content whose bytes they are; its own unfinished part is not counted twice
   * @returns content ids that were evicted
   * @throws FerryError `quota` when there is still too little
   */
  reserve(bytes: number, content: string): Promise<readonly string[]>

  files(): Promise<readonly StoredFile[]>
  usage(): Promise<Usage>
  /** Pinned files are never evicted. */
  pin(content: string, pinned: boolean): Promise<void>
  /** Forgets a file and its URLs at once; the bytes go ten minutes later, since an answer may read them. */
  remove(content: string): Promise<void>
  /** Forgets everything and deletes the bytes at once. */
  clear(): Promise<void>
  /** Hashes what is stored again. Undefined when the file is unknown. */
  verify(content: string, signal?: AbortSignal): Promise<Verification | undefined>
  /**
   * Makes one file of the piece files of a finished file, when this store can. The caller holds the lock.
   *
   * @returns whether anything was done
   */
  merge(content: string, signal?: AbortSignal): Promise<boolean>
  /** At start: deletes bytes nobody knows, and those of files removed more than ten minutes ago. */
  sweep(): Promise<void>
}
