import type { Hasher } from '../codec/index.ts'
import type { ByteRange, Clock } from '../core/index.ts'
import type { AccessToken, HubCaller, HubSettings, RepoId } from './hub.ts'
import type { Folder } from './storage/folder.ts'

/** What every handler may use. */
export interface HubContext {
  readonly settings: HubSettings
  readonly clock: Clock
  readonly hasher: Hasher
  readonly folder: Folder
  readonly xorbs: Xorbs
  readonly objects: Objects
  readonly repos: Repos
  readonly secrets: Secrets
  readonly guard: Guard
  readonly visibility: Visibility
  /** Public origin of the hub, for a request. */
  hubOrigin(request: Request): string
  /** Public origin of presigned storage, for a request. */
  storageOrigin(request: Request): string
}

/** What a credential opens. */
export type Rights = Pick<AccessToken, 'read' | 'write'>

/** Decides who may do what. `see`, `read` and `write` return quietly or throw the hub's own refusal. */
export interface Guard {
  /** The operator's; changeable at any time; names as `repoKey` writes them. */
  readonly gated: Set<string>
  readonly private: Set<string>
  /** What repositories keep themselves, by `repoKey`. The stricter of the two holds. */
  readonly kept: Map<string, RepoAccess>
  /** What holds for a repository. */
  accessOf(repo: RepoId): RepoAccess
  /**
   * What a request may do; undefined: anonymous.
   *
   * @throws HubRefusal 401 for a token that is unknown
   */
  rightsOf(request: Request, caller: HubCaller | undefined): Rights | undefined
  /** Whether a repository may be seen: its listings and metadata. */
  see(rights: Rights | undefined, repo: RepoId): void
  /** Whether its files may be read. */
  read(rights: Rights | undefined, repo: RepoId): void
  /** Whether it may be created and changed. */
  write(rights: Rights | undefined, repo: RepoId): void
  /** Whether files may be read; asks instead of throwing. */
  mayRead(rights: Rights | undefined, repo: RepoId): boolean
}

/** Kinds of content: a xorb, a file by its Xet hash, a large file by its SHA-256. */
export type ContentKind = 'xorb' | 'file' | 'large'

/** Decides which content a repository, or a caller, may learn of. Repositories are named as `repoKey` does. */
export interface Visibility {
  /** Remembers that content was uploaded for a repository: its uploader had the bytes. */
  uploaded(repo: string, kind: ContentKind, hash: string): Promise<void>
  /** Whether a repository holds content, or got it uploaded. */
  holds(repo: string, kind: ContentKind, hash: string): Promise<boolean>
  /** Whether a token for a repository may name content: the repository's own, and what is public. */
  toRepo(repo: string, kind: ContentKind, hash: string): Promise<boolean>
  /** The same for a caller's rights: also what any repository holds that the caller may read. */
  toCaller(
    repo: string,
    rights: Rights | undefined,
    kind: ContentKind,
    hash: string,
  ): Promise<boolean>
  /** Xorbs that a repository's revisions use, those of the newest first. */
  xorbs(repo: string): Promise<Iterable<string>>
  /** To be called when the revisions of a repository have changed. */
  changed(repo: string): void
}

/** Files by content, outside of any repository. */
export interface Objects {
  /** A file by its Xet hash. */
  file(hash: string): Promise<StoredFile | undefined>
  /** A large file by its SHA-256; undefined also for one that is known to be damaged, so that it is uploaded again. */
  large(sha256: string): Promise<LargeObject | undefined>
  /** Keeps a checked file; an older entry of the same hash stays, unless its bytes are damaged. */
  putFile(file: StoredFile): Promise<void>
  /**
   * Takes over plain bytes, after their length and SHA-256 were compared on disk.
   *
   * @throws HubRefusal 400 when they hash to something else
   */
  putPlain(sha256: string, size: number, temporary: string): Promise<void>
  readPlain(sha256: string, range: ByteRange): ReadableStream<Uint8Array>
  /** Collects the git blobs of a commit. */
  stageBlobs(): BlobStage
  readBlob(oid: string, range: ByteRange): ReadableStream<Uint8Array>
}

/** Git blobs of a commit that may still be refused; nothing of them is kept until it is not. */
export interface BlobStage {
  /** Writes a blob, and returns its id. */
  add(bytes: Uint8Array): Promise<string>
  /** Moves all blobs to their places. */
  keep(): Promise<void>
  /** Removes what was not kept. */
  drop(): Promise<void>
}

/** The xorbs of a hub: raw records on disk, their index in memory. */
export interface Xorbs {
  get(hash: string): StoredXorb | undefined
  /** The first intact xorb that holds a chunk. */
  holding(chunk: string): StoredXorb | undefined
  /** Whether a xorb is stored and was not found damaged. */
  isIntact(hash: string): boolean
  /**
   * Takes over a checked upload.
   *
   * @param temporary an unfinished file with nothing but chunk records
   * @param chunks what is in it
   * @returns false when the xorb was there already and is intact; the upload is dropped then
   */
  put(hash: string, temporary: string, chunks: readonly StoredChunk[]): Promise<boolean>
  /**
   * Stored bytes of a xorb, headers of the records included. Each chunk is compared with its hash before it is
   * delivered; the stream errors at a damaged one.
   *
   * @throws HubRefusal 500 when the range is known to be damaged
   */
  read(hash: string, range: ByteRange): ReadableStream<Uint8Array>
  /** The same for a small range, at once. */
  readAll(hash: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer>>
}

/** What a SHA-256 stands for: a file that came as xorbs, or plain bytes. */
export interface LargeObject {
  readonly sha256: string
  readonly size: number
  /** Xet file hash; undefined: plain bytes. */
  readonly xetHash?: string
  /** Plain bytes: SHA-256 of each 4 MiB, base64. Objects of older folders get it when they are first read. */
  readonly blocks?: readonly string[]
  /** Set when the bytes were found damaged; a new upload replaces them. */
  readonly damaged?: true
}

/** A chunk record within a stored xorb. */
export interface StoredChunk {
  /** Printed hash of the unpacked bytes. */
  readonly hash: string
  /** Where its record begins in the xorb. */
  readonly offset: number
  /** Bytes of the record, header included. */
  readonly stored: number
  /** Bytes of the chunk when unpacked. */
  readonly length: number
}

/** A file that came as xorbs. */
export interface StoredFile {
  /** Xet file hash. */
  readonly hash: string
  readonly size: number
  /** Ordinary hex, when the shard gave one. */
  readonly sha256?: string
  readonly terms: readonly StoredTerm[]
}

/** Chunks `[start, end)` of a xorb that make a stretch of a file. */
export interface StoredTerm {
  readonly xorb: string
  readonly start: number
  readonly end: number
  /** Bytes when unpacked. */
  readonly length: number
}

/** What the hub knows of a xorb without opening it. */
export interface StoredXorb {
  readonly hash: string
  /** 1, 2, ... in the order of arrival. */
  readonly sequence: number
  /** Bytes of all records. */
  readonly bytes: number
  readonly chunks: readonly StoredChunk[]
}

/** A revision of a repository: complete, so that every older one stays readable by its id. */
export interface Commit {
  /** 40 hex. */
  readonly oid: string
  readonly parent: string | null
  readonly title: string
  /** ISO 8601. */
  readonly date: string
  /** By path. */
  readonly files: Readonly<Record<string, FileEntry>>
}

/** A file of a commit. */
export interface FileEntry {
  /** Git's own id of the blob (of the pointer, for large files), 40 hex. */
  readonly oid: string
  readonly size: number
  /** Ordinary hex of the SHA-256, for large files; others are in git itself. */
  readonly sha256?: string
  /** Xet file hash, for large files that came as xorbs. */
  readonly xetHash?: string
}

/** Whether a repository needs a right: to be seen (`private`), or for its files (`gated`). */
export interface RepoAccess {
  readonly private: boolean
  readonly gated: false | 'auto' | 'manual'
}

/** The repositories of a hub. */
export interface Repos {
  exists(repo: RepoId): Promise<boolean>
  /** Makes an empty repository; nothing happens when it is there. Default access: public, not gated. */
  create(repo: RepoId, access?: RepoAccess): Promise<void>
  /** All repositories. */
  list(): Promise<readonly RepoId[]>
  /** What is kept of a repository's access; of an absent one: public. */
  access(repo: RepoId): Promise<RepoAccess>
  /** Keeps the access of a repository that exists. */
  setAccess(repo: RepoId, access: RepoAccess): Promise<void>
  /** Large files of all revisions of a repository, each content once. */
  larges(repo: RepoId): Promise<readonly FileEntry[]>
  /** The commit a branch or a 40-hex id stands for. */
  find(repo: RepoId, revision: string): Promise<Commit | undefined>
  /** Whether any commit of a repository, however old, holds a file. */
  holds(repo: RepoId, xetHash: string): Promise<boolean>
  /** Xet hashes of everything in the newest commits of a repository, newest first. */
  newest(repo: RepoId): Promise<readonly string[]>
  /**
   * Adds a commit to a branch; branches that do not exist begin with it.
   *
   * @param changes by path: entries to set, null to delete
   * @param parent the commit the client built upon, when it said so
   * @param prepare called once nothing refuses the commit any more, before it is written
   * @throws HubRefusal 412 when the branch has moved on from `parent`
   */
  commit(
    repo: RepoId,
    branch: string,
    title: string,
    changes: ReadonlyMap<string, FileEntry | null>,
    parent?: string,
    prepare?: () => Promise<void>,
  ): Promise<Commit>
}

/** What only the hub knows. */
export interface Secrets {
  /** Keys everything that is signed. */
  readonly key: Uint8Array
  /** Grows with every `expireUrls`; URLs signed in an earlier epoch are refused. */
  readonly epoch: number
  /** Begins a new epoch, for ever. */
  nextEpoch(): Promise<void>
}
