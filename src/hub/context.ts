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
  /** Whether it may be seen; asks instead of throwing. */
  maySee(rights: Rights | undefined, repo: RepoId): boolean
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
  /** To be called when a repository is gone, or has another name: what was uploaded for it counts no more. */
  forget(repo: string): Promise<void>
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
  /** What follows the title. */
  readonly message?: string
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

/** Kinds of names for commits. Pull requests are branches that are called `refs/pr/1`. */
export type RefKind = 'branches' | 'tags'

/** A commit to be made. */
export interface NewCommit {
  readonly title: string
  readonly message?: string
  readonly branch: string
  /** The commit that the client built upon, when it said so: its id, or the first digits of it. */
  readonly parent?: string
  /** Where it may go other than to a branch that exists: a new branch, or a pull request for `branch`. */
  readonly start?: 'branch' | 'pull-request'
  /** By path, in order: entries to set, null to delete; a path that ends in a slash is that of a folder. */
  readonly changes: ReadonlyMap<string, FileEntry | null>
  /** Whether the repository existed when the request began: a deleted one does not come back by a commit. */
  readonly existing?: boolean
  /** For a repository that begins with this commit. Default: public. */
  readonly access?: RepoAccess
}

/** The repositories of a hub. What needs one that exists throws HubRefusal 404 where there is none. */
export interface Repos {
  exists(repo: RepoId): Promise<boolean>
  /**
   * Makes a repository with an empty commit.
   *
   * @param record what it keeps
   * @param prepare called before it exists
   * @returns false, and nothing happens, when it is there
   */
  create(
    repo: RepoId,
    record: RepoAccess & { readonly sdk?: string },
    prepare?: () => void,
  ): Promise<boolean>
  /** All repositories. */
  list(): Promise<readonly RepoId[]>
  /** A repository as it was made, and the newest commit of its branch main. */
  describe(
    repo: RepoId,
  ): Promise<{ readonly id: RepoId; created: string; sdk?: string; newest?: Commit }>
  /** What is kept of a repository's access; of an absent one: public. */
  access(repo: RepoId): Promise<RepoAccess>
  /**
   * Changes the access of a repository.
   *
   * @param done called with what holds then, before the next change
   */
  setAccess(
    repo: RepoId,
    change: Partial<RepoAccess>,
    done: (access: RepoAccess) => void,
  ): Promise<void>
  /** Takes a repository away, with all its commits. */
  remove(repo: RepoId): Promise<void>
  /**
   * Gives a repository another name.
   *
   * @param access what holds for it besides what it keeps itself; the stricter of the two is kept under the new name
   * @param prepare called with that, before it has the new name
   * @throws HubRefusal 409 when the name is taken
   */
  move(
    from: RepoId,
    to: RepoId,
    access: RepoAccess,
    prepare: (access: RepoAccess) => void,
  ): Promise<void>
  /** All commits of a repository, newest first. */
  commits(repo: RepoId): Promise<readonly Commit[]>
  /** The commit that a branch, a tag, a 40-hex id or the first digits of one stands for. */
  find(repo: RepoId, revision: string): Promise<Commit | undefined>
  /** A commit and those before it, newest first. */
  history(repo: RepoId, from: Commit): Promise<readonly Commit[]>
  /** Names and commit ids. */
  refs(repo: RepoId): Promise<Readonly<Record<RefKind, readonly (readonly [string, string])[]>>>
  /**
   * Makes a branch or a tag.
   *
   * @param name as `checkRefName` allows it
   * @param options `target`: a revision, default `main`; null: a first commit without files. `overwrite`: what exists is
   *   moved to the target, or stays where none is named
   * @throws HubRefusal 409 when it exists, 404 when the target does not
   */
  createRef(
    repo: RepoId,
    kind: RefKind,
    name: string,
    options: {
      readonly target?: string | null
      readonly overwrite?: boolean
      readonly message?: string
    },
  ): Promise<void>
  /** @throws HubRefusal 404 when there is none */
  deleteRef(repo: RepoId, kind: RefKind, name: string): Promise<void>
  /**
   * Replaces the history of a branch by one commit with the same files, and takes away commits that lead to no branch
   * and no tag.
   *
   * @throws HubRefusal 404 when there is no such branch
   */
  squash(repo: RepoId, branch: string, title: string): Promise<Commit>
  /**
   * Adds a commit to a branch. A repository that does not exist begins with it, on its branch main.
   *
   * @param prepare called once nothing refuses the commit any more, before it is written
   * @returns the commit, and the branch that it is on
   * @throws HubRefusal 412 when the branch has moved on from the parent, 404 when it does not exist
   */
  commit(
    repo: RepoId,
    change: NewCommit,
    prepare?: () => Promise<void>,
  ): Promise<{ readonly commit: Commit; readonly branch: string }>
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
