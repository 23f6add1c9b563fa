import type { Hasher } from '../codec/index.ts'
import type { ByteRange, Clock } from '../core/index.ts'
import type { FileInfo, Refusal } from '../protocol/index.ts'
import type { Branches } from './branches.ts'
import type { HeldChunk, JournalRun, FilePart } from './runs.ts'

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
   * Forgets addresses, whoever was told what they lead to; the bytes stay.
   *
   * @returns how many there were, counted once for each who was told that there is nothing
   */
  forgetUrls(isGone: (url: string) => boolean): Promise<number>
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
  /** What this grant may be answered of other spellings of a URL, and of the same without query; the newest first. */
  similar(url: string, grant: string): Promise<readonly CatalogUrl[]>

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
   * @param size bytes of the whole file; runs of an unfinished file that was announced with another size count as well
   * @throws FerryError `storage` when the file is complete, and `heal` is not set or the size is another one
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

/** What a store needs. */
export interface StoreOptions {
  readonly hasher: Hasher
  /** Default: the device's own. */
  readonly clock?: Clock
  /**
   * `sync` writes in place through sync access handles (dedicated workers only), `pieces` writes small files
   * through writable streams (everywhere, slower). Default: `sync` where it works.
   */
  readonly driver?: 'sync' | 'pieces'
  /** Folder in OPFS, also part of the names of databases, locks and channels. Default: 'modelferry'. */
  readonly root?: string
  /** Asks how much room there is. Default: `navigator.storage.estimate`. */
  readonly estimate?: () => Promise<StorageEstimate>
}

/** How to begin writing a file. */
export interface BeginOptions {
  /** Ends the reading of what an earlier session left. */
  readonly signal?: AbortSignal
  /**
   * Begin although the catalog calls the file complete: a new folder gets the intact runs of the old one,
   * and the damaged file is served no more. Default: false.
   */
  readonly heal?: boolean
}

/** How to wait for the right to write a file. */
export interface LockOptions {
  /** Ends the wait; also handed on to the work. */
  readonly signal?: AbortSignal
  /** Do not wait: when somebody else has it, return undefined at once. */
  readonly ifAvailable?: boolean
  /** Called while waiting, about once a second, for each sign of life of the present holder. */
  readonly onHeartbeat?: () => void
}

/** What the device knows of one path of a commit. */
export interface KnownPath {
  /** From the slash after the commit on. */
  readonly path: string
  /** `none`: the hub said that there is nothing. `told`: what it said is here, but no bytes. */
  readonly state: 'complete' | 'partial' | 'told' | 'none'
}

/** One line of the list of what is on the device. */
export interface StoredFile extends CatalogFile {
  /** Every URL known to lead to these bytes. */
  readonly urls: readonly CatalogUrl[]
}

/** Room on the device, in bytes. */
export interface Usage {
  /** By everything of this origin, as the browser estimates it. */
  readonly used: number
  /** What the browser allows this origin. */
  readonly quota: number
  /** By model files, committed bytes only. */
  readonly held: number
  /** Count of model files, complete and partial. */
  readonly files: number
}

/** What hashing a stored file again has shown. */
export interface Verification {
  /** Whether every stored byte hashes to what was committed and, of a complete file, all is there. */
  readonly intact: boolean
  /** Bytes that were read and hashed. */
  readonly bytes: number
  /** Stretches of the file that are wrong or missing, in order, on chunk boundaries. */
  readonly damaged: readonly ByteRange[]
}

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

/** How a finished file was proven: by its Xet file hash, by SHA-256, or by length and ETag alone. */
export type Proof = 'xet' | 'sha256' | 'length'

/** What the catalog knows of the bytes of one content id. */
export interface CatalogFile {
  /** As in `FileInfo.content`. */
  readonly content: string
  /** Bytes of the whole file. */
  readonly size: number
  /** Folder in OPFS that holds the bytes and the journal; a healed file gets a new one. */
  readonly name: string
  readonly state: 'partial' | 'complete'
  /** How the newest writer writes: `sync` puts every byte at its own offset of one OPFS file. */
  readonly driver: 'sync' | 'pieces'
  /** Grows whenever somebody begins to write; who holds an older one may commit nothing more. */
  readonly generation: number
  /** Which journal files count: those of one generation, numbered from 0, `count` of them. */
  readonly journal: { readonly generation: number; readonly count: number }
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds, exact to a minute. */
  readonly lastUsed: number
  /** There when complete. */
  readonly proof?: Proof
  /** Never evicted. */
  readonly pinned: boolean
  /** Bytes committed. */
  readonly held: number
  /** Where the committed bytes lie, by ascending offset. Of a partial file: as of the last flush. */
  readonly parts: readonly FilePart[]
}

/** A URL that led to no file, as one partition was told. */
export interface CatalogMissing {
  readonly url: string
  readonly grant: string
  /** The hub's 404, as the page shall see it again. */
  readonly refusal: Refusal
  /** Epoch milliseconds when the hub last said so. */
  readonly checkedAt: number
}

/** What the catalog holds of the addresses that begin in one way, read in one transaction. */
export interface CatalogStretch {
  readonly urls: readonly CatalogUrl[]
  readonly missing: readonly CatalogMissing[]
  /** Of the files that the URLs lead to, by content. */
  readonly states: ReadonlyMap<string, CatalogFile['state']>
}

/** What the catalog knows of one URL. */
export interface CatalogUrl {
  readonly url: string
  readonly info: FileInfo
  /** Epoch milliseconds when the hub last confirmed it. */
  readonly checkedAt: number
  /** Partitions that may be answered; 'public' means everybody. */
  readonly grants: readonly string[]
}
