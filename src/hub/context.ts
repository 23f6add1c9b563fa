import type { Hasher } from '../codec/index.ts'
import type { Clock } from '../core/index.ts'
import type { Objects, Xorbs } from './content.ts'
import type { AccessToken, HubCaller, HubSettings, RepoId } from './hub.ts'
import type { Secrets } from './signing.ts'
import type { Folder } from './storage/folder.ts'

/** Dependencies of all handlers. */
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

/** The rights of a credential. */
export type Rights = Pick<AccessToken, 'read' | 'write'>

/** Decides about access. `see`, `read` and `write` return, or throw the hub's refusal. */
export interface Guard {
  /** Set by the operator; can be changed at any time; names in the form of `repoKey`. */
  readonly gated: Set<string>
  readonly private: Set<string>
  /** Stored settings of repositories, by `repoKey`. The stricter of the two applies. */
  readonly kept: Map<string, RepoAccess>
  /** The effective access settings of a repository. */
  accessOf(repo: RepoId): RepoAccess
  /**
   * The rights of a request; undefined: anonymous.
   *
   * @throws HubRefusal 401 for a token that is unknown
   */
  rightsOf(request: Request, caller: HubCaller | undefined): Rights | undefined
  /** A digest of the caller, the same at every request, also for a front's caller; undefined: anonymous. */
  holderOf(request: Request, caller: HubCaller | undefined): string | undefined
  /** The rights that the access token of a `holderOf` has now; undefined: the hub does not know it any more. */
  rightsOfHolder(holder: string | undefined): Rights | undefined
  /** Whether a repository may be seen: its listings and metadata. */
  see(rights: Rights | undefined, repo: RepoId): void
  /** Whether its files may be read. */
  read(rights: Rights | undefined, repo: RepoId): void
  /** Whether it may be created and changed. */
  write(rights: Rights | undefined, repo: RepoId): void
  /** Like `see`, with a boolean result. */
  maySee(rights: Rights | undefined, repo: RepoId): boolean
  /** Like `read`, with a boolean result. */
  mayRead(rights: Rights | undefined, repo: RepoId): boolean
  /** Like `write`, with a boolean result. */
  mayWrite(rights: Rights | undefined, repo: RepoId): boolean
}

/** Kinds of content: a xorb, a file by its Xet hash, a large file by its SHA-256. */
export type ContentKind = 'xorb' | 'file' | 'large'

/** Decides which content is visible to a repository or a caller. Repositories have the names of `repoKey`. */
export interface Visibility {
  /** Records that content was uploaded for a repository: its uploader had the bytes. */
  uploaded(repo: string, kind: ContentKind, hash: string): Promise<void>
  /**
   * Records a xorb that an uploader had. Clients remember for weeks which xorbs they uploaded, and name them for other
   * repositories too, and after a repository was deleted.
   */
  uploadedBy(uploader: string, xorb: string): Promise<void>
  /** Whether an uploader had a xorb within the last month. */
  had(uploader: string, xorb: string): Promise<boolean>
  /** Whether a repository contains content, or got it uploaded. */
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
  /** Call it when a repository has got commits, or when some were deleted. */
  changed(repo: string, how: 'added' | 'removed'): void
  /** Call it when a repository was deleted or renamed: its uploads no longer count. */
  forget(repo: string): Promise<void>
}

/** A commit, without its files. */
export interface Commit {
  /** 40 hex. */
  readonly oid: string
  readonly parent: string | null
  readonly title: string
  /** The text after the title. */
  readonly message?: string
  /** ISO 8601. */
  readonly date: string
}

/** A commit with all files of its revision, by path. Every older one stays readable by its id. */
export interface Revision extends Commit {
  readonly files: ReadonlyMap<string, FileEntry>
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

/** A new commit. */
export interface NewCommit {
  readonly title: string
  readonly message?: string
  readonly branch: string
  /** The parent that the client named, if any: its id or a prefix of it. */
  readonly parent?: string
  /** Target other than an existing branch: a new branch, or a pull request for `branch`. */
  readonly start?: 'branch' | 'pull-request'
  /** By path, in order: entries to set, null to delete; a path that ends in a slash is that of a folder. */
  readonly changes: ReadonlyMap<string, FileEntry | null>
  /** Whether the repository existed when the request began: a commit does not recreate a deleted one. */
  readonly existing?: boolean
  /** For a repository that this commit creates. Default: public. */
  readonly access?: RepoAccess
}

/** The repositories of a hub. Methods for existing repositories throw HubRefusal 404 when there is none. */
export interface Repos {
  exists(repo: RepoId): Promise<boolean>
  /**
   * Tells a repository from others that have had its name: changes when it is deleted and made again, or moved; the same
   * after a restart. Undefined: there is none.
   */
  generation(repo: RepoId): Promise<string | undefined>
  /**
   * Makes a repository with an empty commit.
   *
   * @param record its stored access settings
   * @param prepare called before it exists
   * @returns false, without a change, when it exists
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
  /** The stored access settings of a repository; public for an absent one. */
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
  /** Deletes a repository with all its commits. */
  remove(repo: RepoId): Promise<void>
  /**
   * Renames a repository.
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
  /** The commit that a branch, a tag, a 40-hex id or the first digits of one names. */
  find(repo: RepoId, revision: string): Promise<Revision | undefined>
  /** The ordered paths of files that a commit sets or deletes. */
  changedPaths(repo: RepoId, commit: Commit): Promise<readonly string[]>
  /**
   * The entries that each commit sets, oldest first: together all files of all revisions, those of older folders more
   * than once. Null: deleted.
   *
   * @param except ids of commits that are left out
   */
  contents(
    repo: RepoId,
    except: ReadonlySet<string>,
  ): AsyncGenerator<
    { readonly commit: Commit; readonly entries: ReadonlyMap<string, FileEntry | null> },
    void
  >
  /** A commit and those before it, newest first. */
  history(repo: RepoId, from: Commit): Promise<readonly Commit[]>
  /** Names and commit ids. */
  refs(repo: RepoId): Promise<Readonly<Record<RefKind, readonly (readonly [string, string])[]>>>
  /**
   * Makes a branch or a tag.
   *
   * @param name as `checkRefName` allows it
   * @param options `target`: a revision, default `main`; null: a first commit without files. `overwrite`: what exists is
   *   moved to the target, or unchanged without a target
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
   * Replaces the history of a branch by one commit with the same files, and deletes commits that no branch and no tag
   * reaches.
   *
   * @throws HubRefusal 404 when there is no such branch
   */
  squash(repo: RepoId, branch: string, title: string): Promise<Commit>
  /**
   * Adds a commit to a branch. A missing repository is created with it, on its branch main.
   *
   * @param prepare called when the commit is accepted, before it is written
   * @returns the commit, and the branch that it is on
   * @throws HubRefusal 412 when the branch has commits after the parent, 404 when it does not exist
   */
  commit(
    repo: RepoId,
    change: NewCommit,
    prepare?: () => Promise<void>,
  ): Promise<{ readonly commit: Commit; readonly branch: string }>
}
