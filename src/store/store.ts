// The interface of the store, and the types of what it keeps. opfs-store.ts implements it.
import type { Hasher } from '../codec/index.ts'
import type { ByteRange, Clock } from '../core/index.ts'
import type { FileInfo, Refusal } from '../data/index.ts'
import type { Branches } from './branches.ts'
import type { HeldChunk, JournalRun, FilePart } from './runs.ts'

/** Model files on the device. It keeps no state in memory: any number of realms may have one open. */
export interface Store {
  readonly driver: 'sync' | 'pieces'
  /** The commits of branches; their files are stored under URLs with the commit. */
  readonly branches: Branches

  /** @param url as in `FileInfo.url` */
  url(url: string): Promise<CatalogUrl | undefined>
  /**
   * Stores the content of a URL and grants access. Same content: the grant is added; other content: only this grant
   * remains, because the others have not been checked for it.
   */
  saveUrl(info: FileInfo, grant: string): Promise<void>
  /** Removes this grant and the public one from a URL, and deletes its 404. */
  dropUrl(url: string, grant: string): Promise<void>
  /** What is stored about a URL: its content, and the last 404 for exactly this grant. */
  answers(url: string, grant: string): Promise<CatalogAnswers>
  /**
   * Stores a 404 of a URL. The grant loses its access to the URL; `saveUrl` restores it. A limited number is stored,
   * the newest ones.
   */
  saveMissing(entry: CatalogMissing): Promise<void>
  /** Deletes URLs for all grants; the bytes stay. @returns number of entries; a 404 counts once per grant */
  forgetUrls(isGone: (url: string) => boolean): Promise<number>
  /**
   * The grants that an app uses, the newest last.
   *
   * @param app its scope
   */
  session(app: string): Promise<readonly string[]>
  /**
   * Changes the grants that an app uses. A removed grant loses all URLs, branches and 404s; URLs without grants are
   * deleted. The bytes stay.
   *
   * @param change must be synchronous
   */
  changeSession(
    app: string,
    change: (grants: readonly string[]) => readonly string[],
  ): Promise<void>
  /** The entries of URLs with this prefix that the grant may access, by the rest of the URL. */
  known(prefix: string, grant: string): Promise<readonly KnownPath[]>
  /** The entries of other spellings of a URL, and of the URL without query, that the grant may access; the newest first. */
  similar(url: string, grant: string): Promise<readonly CatalogUrl[]>

  /** The catalog entry of a content id, partial or complete. */
  entry(content: string): Promise<CatalogFile | undefined>
  /** A finished file, by a separate handle. One whose bytes are missing is removed from the catalog: undefined. */
  file(content: string): Promise<Blob | undefined>
  /**
   * Bytes of a finished or partial file, from any realm. Of a partial file only committed chunks, each hashed again
   * when it is read.
   *
   * @returns undefined when the range is not completely stored
   */
  peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined>
  /**
   * Bytes that the writing realm has announced as committed, possibly before they are flushed.
   *
   * @param place where that realm writes (`PartialFile.place`), as it said last; undefined: only what can be
   *   checked is read
   * @throws FerryError `storage` when they do not appear within 8 s
   */
  announced(
    content: string,
    range: ByteRange,
    place: () => string | undefined,
  ): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Keeps the bytes of a file from being deleted while they are read piece by piece, also when the file is removed.
   *
   * @returns ends it
   */
  hold(content: string): () => void
  /** The committed runs by ascending offset, as of the last flush; empty when the file is unknown. */
  journal(content: string): Promise<readonly JournalRun[]>
  /** The chunks of a xorb on the device. A hint: check each chunk's hash before its use. */
  chunksOf(xorb: string): Promise<readonly HeldChunk[]>

  /**
   * Lets one realm at a time write a file. The holder sends a heartbeat every second; after 5 s without one the lock
   * is stolen from it.
   *
   * @param work gets a signal that aborts when the lock was stolen or the caller's signal aborts
   * @returns the result of the work; undefined when `ifAvailable` and another realm holds the lock
   * @throws FerryError `superseded` when the lock was stolen; the signal's reason when aborted
   */
  lock<T>(
    content: string,
    options: LockOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined>
  /**
   * Begins or resumes writing. The caller holds the lock and has checked that the file is not complete. Runs of an
   * earlier session are used only when the stored bytes match their hashes.
   *
   * @param size bytes of the whole file; runs of an unfinished file that was announced with another size are used too
   * @throws FerryError `storage` when the file is complete, and `heal` is not set or the size differs
   */
  begin(content: string, size: number, options?: BeginOptions): Promise<PartialFile>
  /**
   * Frees space before a transfer starts: other caches that registered for it are asked first, then the least
   * recently used files are evicted.
   *
   * @param bytes still to be written
   * @param content content id of the transfer; its partial file is not counted twice
   * @returns evicted content ids
   * @throws FerryError `quota` when there is still too little space
   */
  reserve(bytes: number, content: string): Promise<readonly string[]>

  files(): Promise<readonly StoredFile[]>
  usage(): Promise<Usage>
  /** Pinned files are never evicted. */
  pin(content: string, pinned: boolean): Promise<void>
  /**
   * Removes a file and its URLs at once, and deletes its bytes as soon as no answer can be reading them: now, if they
   * were only read piece by piece, else ten minutes after the file was last returned as a `File`. A load under way
   * goes on, and keeps the file.
   */
  remove(content: string): Promise<void>
  /** Forgets everything and deletes the bytes at once, but for those of loads under way, which go on. */
  clear(): Promise<void>
  /** Hashes what is stored again. Undefined when the file is unknown. */
  verify(content: string, options?: VerifyOptions): Promise<Verification | undefined>
  /** Merges the piece files of a finished file, under its lock, if this store can. @returns whether files were merged */
  merge(content: string, signal?: AbortSignal): Promise<boolean>
  /** Deletes bytes that no entry names, and those of removed files that no answer can be reading any more. */
  sweep(): Promise<void>
}

/** Options of a store. */
export interface StoreOptions {
  readonly hasher: Hasher
  /** Default: the system clock. */
  readonly clock?: Clock
  /**
   * `sync` writes in place through sync access handles (dedicated workers only), `pieces` writes small files
   * through writable streams (everywhere, slower). Default: `sync` if it works.
   */
  readonly driver?: 'sync' | 'pieces'
  /** Folder in OPFS, also part of the names of databases, locks and channels. Default: 'modelferry'. */
  readonly root?: string
  /** Returns the storage estimate. Default: `navigator.storage.estimate`. */
  readonly estimate?: () => Promise<StorageEstimate>
}

/** Options of {@link Store.begin}. */
export interface BeginOptions {
  /** Aborts the reading of bytes of an earlier session. */
  readonly signal?: AbortSignal
  /** Begins although the entry is complete, in a new folder with the intact runs of the old one. Default: false. */
  readonly heal?: boolean
  /**
   * Receives the committed runs that are lost when the device's storage is emptied while the file is being written.
   * Writing continues in a new folder, with the bytes that are still in memory.
   */
  readonly onLost?: (runs: readonly JournalRun[]) => void
  /** With them, writing continues in memory when the device becomes full; `finish` throws `quota`, `close` deletes. */
  readonly readers?: {
    /** What they have not read yet; undefined: it is needed on the device. */
    readonly needed: () => readonly ByteRange[] | undefined
    /** Whether a reader waits for bytes that are not written yet. */
    readonly waiting: () => boolean
    /** Called once, when writing continues in memory. */
    readonly onFull: () => void
  }
}

/** How to hash a stored file again. */
export interface VerifyOptions {
  readonly signal?: AbortSignal
  /** Called after each stretch of 8 MiB with the milliseconds that it took. */
  readonly pause?: (ms: number) => Promise<void>
}

/** Options of {@link Store.lock}. */
export interface LockOptions {
  /** Aborts the wait; also passed to the work. */
  readonly signal?: AbortSignal
  /** Does not wait: returns undefined at once when another realm holds the lock. */
  readonly ifAvailable?: boolean
}

/** The stored knowledge about one path of a commit. */
export interface KnownPath {
  /** From the slash after the commit. */
  readonly path: string
  /** `none`: the hub answered 404. `info`: the info is stored, but no bytes. */
  readonly state: 'complete' | 'partial' | 'info' | 'none'
}

/** One file in the list of stored files. */
export interface StoredFile extends CatalogFile {
  /** All known URLs of these bytes. */
  readonly urls: readonly CatalogUrl[]
}

/** Storage use on the device, in bytes. */
export interface Usage {
  /** Use of the whole origin, as estimated by the browser. */
  readonly used: number
  /** What the browser allows this origin. */
  readonly quota: number
  /** Use of model files, committed bytes only. */
  readonly held: number
  /** Count of model files, complete and partial. */
  readonly files: number
}

/** Result of hashing a stored file again. */
export interface Verification {
  /** Folder of the bytes: another one has replaced them if the catalog names another folder. */
  readonly name: string
  /** Whether all stored bytes match their hashes and, for a complete file, none is missing. */
  readonly intact: boolean
  /** Bytes that were read and hashed. */
  readonly bytes: number
  /** Wrong or missing ranges of the file, in order, on chunk boundaries. */
  readonly damaged: readonly ByteRange[]
  /** Whether bytes are missing because the device's storage was emptied. */
  readonly gone?: boolean
  /** Whether its Xet hash has proven it, and the SHA-256 in its content id is that of another file. */
  readonly contradicts?: boolean
}

/**
 * A partial file. Its user holds the file's lock. Every method rejects with `superseded` after another realm began to
 * write the same file, and with `quota` when the device has no space.
 */
export interface PartialFile {
  readonly content: string
  readonly size: number
  /** Its folder, for `Store.announced`. */
  readonly place: string
  /** The committed runs, by ascending offset; initially the verified runs of an earlier session. */
  readonly committed: readonly JournalRun[]
  /**
   * Puts bytes at a place. The bytes of one run are written in ascending order and without gaps; different
   * runs may alternate. Best is 1 to 8 MiB a call. The bytes may be reused once the promise settles.
   *
   * @param offset first byte in the file
   */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /**
   * Commits a written run. It can be read at once. When written in place, it survives the end of this realm from then
   * on. With piece files, and for a crash of the machine, it survives from the next flush on: at the latest 2 s or 64
   * MiB later.
   */
  commit(run: JournalRun): Promise<void>
  /** @param range within contiguous committed runs; otherwise it rejects with `storage` */
  read(range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
  /** Removes a wrong committed run, and all runs that share a byte with it. */
  drop(run: JournalRun): Promise<void>
  /** Makes all committed runs survive a crash. */
  flush(): Promise<void>
  /**
   * Flushes and marks the file as complete; from then on it is immutable and this object is closed.
   *
   * @throws FerryError `storage` when the committed runs do not cover the file
   */
  finish(proof: Proof): Promise<void>
  /** Removes the file and its bytes. */
  discard(): Promise<void>
  /**
   * Flushes and keeps what is committed for a later `begin`; room that was claimed behind it is given back. Safe to
   * call twice, and after `finish`.
   */
  close(): Promise<void>
}

/** How a finished file was proven: by its Xet file hash, by SHA-256, or by length and ETag alone. */
export type Proof = 'xet' | 'sha256' | 'length'

/** The catalog entry of one content id. */
export interface CatalogFile {
  /** As in `FileInfo.content`. */
  readonly content: string
  /** Bytes of the whole file. */
  readonly size: number
  /** Folder in OPFS with the bytes and the journal; a repaired file gets a new one. */
  readonly name: string
  readonly state: 'partial' | 'complete'
  /** How the newest writer writes: `sync` puts every byte at its own offset of one OPFS file. */
  readonly driver: 'sync' | 'pieces'
  /** Incremented whenever a realm begins to write; a writer with an older one cannot commit any more. */
  readonly generation: number
  /** The valid journal files: `count` files of one generation, numbered from 0. */
  readonly journal: { readonly generation: number; readonly count: number }
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds, exact to a minute. */
  readonly lastUsed: number
  /**
   * Epoch milliseconds, exact to a minute, when it was last returned as a `File`, which an answer may read long
   * afterwards; 0: never. Absent: an earlier release wrote the entry.
   */
  readonly givenAt?: number
  /** Epoch milliseconds when all of it was last hashed again, and was intact. */
  readonly checkedAt?: number
  /** There when complete. */
  readonly proof?: Proof
  /** Never evicted. */
  readonly pinned: boolean
  /** Bytes committed. */
  readonly held: number
  /** The location of the committed bytes, by ascending offset. For a partial file: as of the last flush. */
  readonly parts: readonly FilePart[]
}

/** A stored 404 of a URL, for one partition. */
export interface CatalogMissing {
  readonly url: string
  readonly grant: string
  /** The hub's 404, for later responses to the page. */
  readonly refusal: Refusal
  /** Epoch milliseconds when the hub last confirmed it. */
  readonly checkedAt: number
}

/** What the catalog says of one URL to one partition. */
export interface CatalogAnswers {
  readonly known?: CatalogUrl | undefined
  readonly missing?: CatalogMissing | undefined
}

/** The catalog entries of URLs with one prefix, read in one transaction. */
export interface CatalogStretch {
  readonly urls: readonly CatalogUrl[]
  readonly missing: readonly CatalogMissing[]
  /** States of the files of the URLs, by content. */
  readonly states: ReadonlyMap<string, CatalogFile['state']>
}

/** The catalog entry of one URL. */
export interface CatalogUrl {
  readonly url: string
  readonly info: FileInfo
  /** Epoch milliseconds when the hub last confirmed it. */
  readonly checkedAt: number
  /** Partitions with access; 'public' means all. */
  readonly grants: readonly string[]
}
